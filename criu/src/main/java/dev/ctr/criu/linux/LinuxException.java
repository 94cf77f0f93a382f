package dev.ctr.criu.linux;

import java.io.IOException;

/**
 * A system call that the kernel refused. The message names what was attempted and on what, then the kernel's reason:
 * {@code mount overlay on /x: No such device (ENODEV)}.
 */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1;

    private final int errno;

    LinuxException(String attempted, int errno) {
        super(attempted + ": " + reason(errno));
        this.errno = errno;
    }

    LinuxException(String attempted, String reason, int errno) {
        super(attempted + ": " + reason);
        this.errno = errno;
    }

    /** The kernel's error number; {@link Errno} names those that matter here. */
    public int errno() {
        return errno;
    }

    private static String reason(int errno) {
        String description = LibC.strerrordesc_np(errno);
        String name = LibC.strerrorname_np(errno);
        return description == null || name == null ? "error " + errno : description + " (" + name + ")";
    }
}
