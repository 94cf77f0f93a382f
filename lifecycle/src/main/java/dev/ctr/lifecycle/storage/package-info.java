/** Root file systems and volumes. */
@NullMarked
package dev.ctr.lifecycle.storage;

import org.jspecify.annotations.NullMarked;
