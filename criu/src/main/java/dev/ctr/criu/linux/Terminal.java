package dev.ctr.criu.linux;

import com.sun.jna.Memory;

/** A terminal behind one of this process's descriptors. */
public final class Terminal {
    private static final long TIOCGWINSZ = 0x5413;
    private static final long TIOCSWINSZ = 0x5414;
    private static final int WINSIZE_SIZE = 8;

    private Terminal() {}

    /** Whether the descriptor is a terminal; false for one that is not open. */
    public static boolean isTerminal(int fd) {
        return LibC.isatty(fd) == 1;
    }

    /** The terminal's size. */
    public static TerminalSize size(int fd) throws LinuxException {
        try (Memory winsize = new Memory(WINSIZE_SIZE)) {
            if (LibC.ioctl(fd, TIOCGWINSZ, winsize) == -1) {
                throw LibC.failure("read the size of the terminal at descriptor " + fd);
            }
            return new TerminalSize(
                    Short.toUnsignedInt(winsize.getShort(0)), Short.toUnsignedInt(winsize.getShort(Short.BYTES)));
        }
    }

    /** Changes the terminal's size; its foreground processes get SIGWINCH. */
    public static void resize(int fd, TerminalSize size) throws LinuxException {
        try (Memory winsize = new Memory(WINSIZE_SIZE)) {
            winsize.clear();
            winsize.setShort(0, (short) size.rows());
            winsize.setShort(Short.BYTES, (short) size.columns());
            if (LibC.ioctl(fd, TIOCSWINSZ, winsize) == -1) {
                throw LibC.failure("resize the terminal at descriptor " + fd);
            }
        }
    }

    /** Hands every key through as it is typed, without echo, until the result is closed. */
    public static RawMode raw(int fd) throws LinuxException {
        return new RawMode(fd);
    }
}
