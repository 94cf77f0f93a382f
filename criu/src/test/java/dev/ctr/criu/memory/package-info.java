/** Tests of the memory of tasks, on real processes. */
@NullMarked
package dev.ctr.criu.memory;

import org.jspecify.annotations.NullMarked;
