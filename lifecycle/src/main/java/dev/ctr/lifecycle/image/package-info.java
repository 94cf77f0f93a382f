/**
 * OCI images, kept as an OCI layout with unpacked layers. Archives and layouts are read here; skopeo talks to registries and
 * writes archives.
 */
@NullMarked
package dev.ctr.lifecycle.image;

import org.jspecify.annotations.NullMarked;
