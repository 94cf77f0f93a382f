/** The commands on containers, one class each. */
@NullMarked
package dev.ctr.cli.container;

import org.jspecify.annotations.NullMarked;
