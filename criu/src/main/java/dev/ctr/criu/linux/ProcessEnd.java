package dev.ctr.criu.linux;

import com.sun.jna.Memory;
import java.io.IOException;
import java.time.Duration;

/** Waits for a process to end: by a pidfd, or where the kernel has none (before 5.3), by asking again and again. */
final class ProcessEnd {
    static final Duration FOR_EVER = Duration.ofDays(50_000);

    /** How soon an interrupted thread notices. */
    private static final int SLICE_MILLIS = 100;

    private static final int POLL_MILLIS = 5;

    private ProcessEnd() {}

    /** Tells whether the process meant has ended, a zombie included. */
    interface Check {
        boolean ended() throws IOException;
    }

    /**
     * Waits for the end of a process, or of the time.
     *
     * @param check asked after the pidfd was opened, so that a process that took over the number is not waited for
     * @return whether it ended in time
     */
    static boolean await(long pid, Duration timeout, Check check) throws IOException, InterruptedException {
        if (check.ended()) {
            return true;
        }
        long deadline = System.nanoTime() + nanos(timeout);
        long fd = LibC.syscall(LibC.SYS_PIDFD_OPEN, pid, 0, 0, 0);
        if (fd == -1) {
            return awaitByAsking(deadline, check);
        }
        try (Descriptor process = new Descriptor((int) fd);
                Memory pollfd = new Memory(8)) {
            pollfd.clear();
            pollfd.setInt(0, process.number());
            pollfd.setShort(4, LibC.POLLIN);
            while (!check.ended()) {
                int left = Descriptor.millisUntil(deadline);
                if (left == 0) {
                    return false;
                }
                LibC.poll(pollfd, 1, Math.min(left, SLICE_MILLIS));
                throwIfInterrupted();
            }
            return true;
        }
    }

    /** A time in nanoseconds; what is too long for that is for ever. */
    static long nanos(Duration time) {
        return time.compareTo(FOR_EVER) < 0 ? Math.max(0, time.toNanos()) : FOR_EVER.toNanos();
    }

    private static boolean awaitByAsking(long deadline, Check check) throws IOException, InterruptedException {
        while (!check.ended()) {
            if (Descriptor.millisUntil(deadline) == 0) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    private static void throwIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
