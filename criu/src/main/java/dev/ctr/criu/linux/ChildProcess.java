package dev.ctr.criu.linux;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * A process that {@link ProcessLaunch} started. It stays a zombie until one of the {@code waitFor} calls has seen its
 * end. All methods may be called concurrently.
 */
public final class ChildProcess {
    private static final int SIGNALLED_MASK = 0x7f;

    private final int pid;
    private final String program;

    @GuardedBy("this")
    private OptionalInt status = OptionalInt.empty();

    ChildProcess(int pid, String program) {
        this.pid = pid;
        this.program = program;
    }

    public long pid() {
        return pid;
    }

    /** Waits for the end and returns the exit status, or 128 and the signal's number when a signal ended it. */
    public int waitFor() throws IOException, InterruptedException {
        ProcessEnd.await(pid, ProcessEnd.FOR_EVER, this::ended);
        return poll().orElseThrow();
    }

    /** As {@link #waitFor()}, but empty when the time is up. */
    public OptionalInt waitFor(Duration timeout) throws IOException, InterruptedException {
        ProcessEnd.await(pid, timeout, this::ended);
        return poll();
    }

    /** Sends a signal; to a process that has ended, nothing. */
    public synchronized void kill(int signal) throws LinuxException {
        if (status.isEmpty() && LibC.kill(pid, signal) == -1) {
            throw LibC.failure("send signal " + signal + " to " + program + " (" + pid + ")");
        }
    }

    private boolean ended() throws IOException {
        return poll().isPresent();
    }

    private synchronized OptionalInt poll() throws LinuxException {
        if (status.isEmpty()) {
            int[] word = new int[1];
            int ended = LibC.restarting(() -> LibC.waitpid(pid, word, LibC.WNOHANG));
            if (ended == -1) {
                throw LibC.failure("wait for " + program + " (" + pid + ")");
            }
            if (ended == pid) {
                int signal = word[0] & SIGNALLED_MASK;
                status = OptionalInt.of(signal == 0 ? (word[0] >> 8) & 0xff : 128 + signal);
            }
        }
        return status;
    }
}
