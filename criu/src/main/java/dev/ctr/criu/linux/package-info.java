/** The system calls that the JDK lacks, and the parts of {@code /proc} that ctr reads. */
@NullMarked
package dev.ctr.criu.linux;

import org.jspecify.annotations.NullMarked;
