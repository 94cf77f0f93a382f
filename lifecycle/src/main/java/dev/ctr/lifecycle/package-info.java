/** Containers and their life: the engine that opens a root, and the calls of libpod's Container API. */
@NullMarked
package dev.ctr.lifecycle;

import org.jspecify.annotations.NullMarked;
