/** {@code ctr agent}: serving other hosts, and asking their agents. */
@NullMarked
package dev.ctr.cli.agent;

import org.jspecify.annotations.NullMarked;
