@NullMarked
package dev.ctr.criu.image;

import org.jspecify.annotations.NullMarked;
