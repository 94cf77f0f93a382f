package dev.ctr.criu.linux;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.jna.Memory;
import org.jspecify.annotations.Nullable;

/** A terminal in raw mode; closing restores what was before. May be closed from any thread, also by a shutdown hook. */
public final class RawMode implements AutoCloseable {
    /** glibc's struct termios has 60 bytes on x86-64 and on aarch64. */
    private static final int TERMIOS_SIZE = 128;

    private static final int TCSANOW = 0;
    private static final int TCSADRAIN = 1;

    private final int fd;

    @GuardedBy("this")
    private @Nullable Memory before;

    RawMode(int fd) throws LinuxException {
        this.fd = fd;
        Memory saved = new Memory(TERMIOS_SIZE);
        if (LibC.tcgetattr(fd, saved) == -1) {
            throw LibC.failure("read the mode of the terminal at descriptor " + fd);
        }
        try (Memory raw = new Memory(TERMIOS_SIZE)) {
            raw.write(0, saved.getByteArray(0, TERMIOS_SIZE), 0, TERMIOS_SIZE);
            LibC.cfmakeraw(raw);
            if (LibC.restarting(() -> LibC.tcsetattr(fd, TCSANOW, raw)) == -1) {
                throw LibC.failure("switch the terminal at descriptor " + fd + " to raw mode");
            }
        }
        before = saved;
    }

    @Override
    public synchronized void close() throws LinuxException {
        Memory saved = before;
        if (saved == null) {
            return;
        }
        before = null;
        try (saved) {
            if (LibC.restarting(() -> LibC.tcsetattr(fd, TCSADRAIN, saved)) == -1) {
                throw LibC.failure("restore the mode of the terminal at descriptor " + fd);
            }
        }
    }
}
