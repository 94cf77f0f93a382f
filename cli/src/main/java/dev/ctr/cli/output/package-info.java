/** How results look: tables, JSON, sizes, times and progress. */
@NullMarked
package dev.ctr.cli.output;

import org.jspecify.annotations.NullMarked;
