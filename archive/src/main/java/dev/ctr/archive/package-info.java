/** The checkpoint archive: one compressed tar in podman's layout, written in one pass and extracted safely. */
@NullMarked
package dev.ctr.archive;

import org.jspecify.annotations.NullMarked;
