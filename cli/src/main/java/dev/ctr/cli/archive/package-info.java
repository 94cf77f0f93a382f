/** The commands on checkpoint archives. */
@NullMarked
package dev.ctr.cli.archive;

import org.jspecify.annotations.NullMarked;
