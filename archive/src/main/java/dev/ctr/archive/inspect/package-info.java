/** Looks into checkpoint archives without restoring them. */
@NullMarked
package dev.ctr.archive.inspect;

import org.jspecify.annotations.NullMarked;
