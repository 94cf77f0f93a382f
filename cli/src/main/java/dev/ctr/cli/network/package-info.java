/** The commands on networks, one class each. */
@NullMarked
package dev.ctr.cli.network;

import org.jspecify.annotations.NullMarked;
