@NullMarked
package dev.ctr.lifecycle.network;

import org.jspecify.annotations.NullMarked;
