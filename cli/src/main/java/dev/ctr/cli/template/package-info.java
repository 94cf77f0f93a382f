/** The part of Go's text/template language that {@code --format} understands. */
@NullMarked
package dev.ctr.cli.template;

import org.jspecify.annotations.NullMarked;
