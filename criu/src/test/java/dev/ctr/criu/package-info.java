/** Tests of what CRIU says and writes; those that run CRIU are skipped where there is none that works. */
@NullMarked
package dev.ctr.criu;

import org.jspecify.annotations.NullMarked;
