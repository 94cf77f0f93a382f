/** Finds CRIU, asks what it can do, and reads what it writes. */
@NullMarked
package dev.ctr.criu;

import org.jspecify.annotations.NullMarked;
