/** What every command has at hand: its streams, settings and engine, and how it ends. */
@NullMarked
package dev.ctr.cli.invocation;

import org.jspecify.annotations.NullMarked;
