/** The commands on volumes, one class each. */
@NullMarked
package dev.ctr.cli.volume;

import org.jspecify.annotations.NullMarked;
