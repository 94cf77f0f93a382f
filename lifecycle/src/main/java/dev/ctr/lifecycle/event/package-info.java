/** What happens in an engine's root, as a journal that any number of processes write and follow. */
@NullMarked
package dev.ctr.lifecycle.event;

import org.jspecify.annotations.NullMarked;
