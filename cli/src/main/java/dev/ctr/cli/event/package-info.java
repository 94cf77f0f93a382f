/** {@code ctr events}. */
@NullMarked
package dev.ctr.cli.event;

import org.jspecify.annotations.NullMarked;
