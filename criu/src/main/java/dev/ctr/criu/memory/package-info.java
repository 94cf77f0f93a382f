/** Moves the memory of tasks: reads it while they run, finds what has changed, and writes it as CRIU images. */
@NullMarked
package dev.ctr.criu.memory;

import org.jspecify.annotations.NullMarked;
