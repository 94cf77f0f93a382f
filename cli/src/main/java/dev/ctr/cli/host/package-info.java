/** The commands about ctr itself and this host. */
@NullMarked
package dev.ctr.cli.host;

import org.jspecify.annotations.NullMarked;
