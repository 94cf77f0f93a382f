/** The processes of a container as ps(1) and {@code podman top} show them. */
@NullMarked
package dev.ctr.lifecycle.top;

import org.jspecify.annotations.NullMarked;
