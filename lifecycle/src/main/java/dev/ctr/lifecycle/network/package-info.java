/** Container networks by CNI plugins, in libpod's JSON forms. */
@NullMarked
package dev.ctr.lifecycle.network;

import org.jspecify.annotations.NullMarked;
