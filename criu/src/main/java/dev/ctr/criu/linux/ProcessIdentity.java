package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that can be told from a later one with the same number.
 *
 * @param pid its number, as this process's pid namespace has it
 * @param startTicks when it started, in clock ticks (mostly 10 ms) since the boot
 */
public record ProcessIdentity(long pid, long startTicks) {
    /** The process that has this number now, running or zombie; empty when there is none. */
    public static Optional<ProcessIdentity> of(long pid) {
        return Stat.read(pid).map(stat -> new ProcessIdentity(pid, stat.startTicks()));
    }

    /** This process. */
    public static ProcessIdentity self() {
        return of(ProcessHandle.current().pid()).orElseThrow();
    }

    /** Whether it still runs. A zombie does not. */
    public boolean isAlive() {
        return Stat.read(pid)
                .filter(stat -> stat.startTicks() == startTicks && !stat.ended())
                .isPresent();
    }

    /** Whether it stands still, as by SIGSTOP, until SIGCONT lets it go on. */
    public boolean isStopped() {
        return Stat.read(pid)
                .filter(stat -> stat.startTicks() == startTicks && stat.state() == 'T')
                .isPresent();
    }

    /**
     * What is used here of {@code /proc/PID/stat} (proc_pid_stat(5)).
     *
     * @param state R, S, D, T, Z and so on
     * @param parent the parent's number
     * @param startTicks as above
     */
    record Stat(char state, long parent, long startTicks) {
        /** Fields are counted after the command's closing parenthesis, the last in the line. */
        private static final int STATE = 0;

        private static final int PARENT = 1;
        private static final int START = 19;

        /** Empty when there is no such process. */
        static Optional<Stat> read(long pid) {
            String line;
            try {
                line = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                // Either it was never there, or it ended while the file was read (ESRCH).
                return Optional.empty();
            }
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", START + 2);
            return Optional.of(
                    new Stat(fields[STATE].charAt(0), Long.parseLong(fields[PARENT]), Long.parseLong(fields[START])));
        }

        boolean ended() {
            return state == 'Z' || state == 'X';
        }
    }
}
