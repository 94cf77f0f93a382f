/** The commands on images, one class each. */
@NullMarked
package dev.ctr.cli.image;

import org.jspecify.annotations.NullMarked;
