/** Connects a container's streams to those of this process. */
@NullMarked
package dev.ctr.cli.terminal;

import org.jspecify.annotations.NullMarked;
