/** Reads and writes CRIU images: the files of a dump. */
@NullMarked
package dev.ctr.criu.image;

import org.jspecify.annotations.NullMarked;
