package dev.ctr.lifecycle.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What conmon runs when a container's program has ended: a command that cleans up behind it, unless somebody is about to do so.
 * Most ends are attended, by a stop, a checkpoint or a client that has waited, and the start of a Java virtual machine only to
 * find nothing left to do would take longer than the rest.
 */
public final class ExitCommand {
    /**
     * Waits, a minute at most, while a lock is held and the exit code is there. An exit code that is gone was dealt with. The
     * locks are found in /proc/locks by their files' inode numbers, see proc_locks(5).
     */
    private static final String SCRIPT = """
            exit_code=$1 inodes=$(stat -c %i "$2" "$3" 2>/dev/null)
            shift 3
            held() {
              while read -r _ _ _ _ _ file _; do
                for inode in $inodes; do
                  [ "${file##*:}" = "$inode" ] && return 0
                done
              done </proc/locks
              return 1
            }
            rounds=0
            while sleep 0.1; [ -e "$exit_code" ] && [ $rounds -lt 600 ] && held; do
              rounds=$((rounds + 1))
            done
            [ -e "$exit_code" ] && exec "$@"
            """;

    private ExitCommand() {}

    /**
     * The command line for conmon.
     *
     * @param exitCode the file with the exit code, which whoever cleans up deletes last
     * @param lock held by whoever is at work on the container
     * @param attached held by whoever waits for its end
     * @param command what cleans up; nothing is run if it is empty
     */
    public static List<String> unlessAttended(Path exitCode, Path lock, Path attached, List<String> command) {
        if (command.isEmpty()) {
            return command;
        }
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "sh"));
        line.addAll(List.of(exitCode.toString(), lock.toString(), attached.toString()));
        line.addAll(command);
        return line;
    }
}
