/** What this host can do: every feature of the kernel, CRIU and the programs around them that ctr's functions rest on. */
@NullMarked
package dev.ctr.lifecycle.check;

import org.jspecify.annotations.NullMarked;
