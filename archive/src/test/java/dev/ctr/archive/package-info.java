/** Tests of the archive: real trees, real tar programs, real overlay mounts. */
@NullMarked
package dev.ctr.archive;

import org.jspecify.annotations.NullMarked;
