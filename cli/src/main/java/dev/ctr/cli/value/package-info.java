/** Values as they are written on the command line, parsed into types that cannot be wrong. */
@NullMarked
package dev.ctr.cli.value;

import org.jspecify.annotations.NullMarked;
