/** {@code ctr migrate}: moving containers to other hosts. */
@NullMarked
package dev.ctr.cli.migrate;

import org.jspecify.annotations.NullMarked;
