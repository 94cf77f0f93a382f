/** Tests on the real kernel; those that need root or a feature say so and probe for it. */
@NullMarked
package dev.ctr.criu.linux;

import org.jspecify.annotations.NullMarked;
