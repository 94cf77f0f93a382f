/** Drives conmon and the OCI runtime by their command lines. */
@NullMarked
package dev.ctr.lifecycle.runtime;

import org.jspecify.annotations.NullMarked;
