/** The commands on pods, one class each. */
@NullMarked
package dev.ctr.cli.pod;

import org.jspecify.annotations.NullMarked;
