/** The commands that checkpoint and restore. */
@NullMarked
package dev.ctr.cli.checkpoint;

import org.jspecify.annotations.NullMarked;
