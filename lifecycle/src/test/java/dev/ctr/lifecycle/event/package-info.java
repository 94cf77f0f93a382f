@NullMarked
package dev.ctr.lifecycle.event;

import org.jspecify.annotations.NullMarked;
