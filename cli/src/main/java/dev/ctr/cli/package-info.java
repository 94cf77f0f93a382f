/** The {@code ctr} command: parses, calls the engine, prints. */
@NullMarked
package dev.ctr.cli;

import org.jspecify.annotations.NullMarked;
