@NullMarked
package dev.ctr.lifecycle.image;

import org.jspecify.annotations.NullMarked;
