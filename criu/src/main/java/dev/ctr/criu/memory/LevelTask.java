package dev.ctr.criu.memory;

import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process whose memory is saved.
 *
 * @param process it, as seen from here
 * @param virtualPid its number inside the container, by which CRIU names its images
 */
public record LevelTask(ProcessIdentity process, long virtualPid) {
    private static final String NAMESPACE_PIDS = "NSpid:";

    /** A container's first process and all that descend from it; those that end meanwhile are left out. */
    public static List<LevelTask> treeOf(ProcessIdentity first) throws IOException {
        int depth = namespacePids(first).length - 1;
        List<LevelTask> tasks = new ArrayList<>();
        for (ProcessIdentity process : Processes.tree(first)) {
            long[] pids = namespacePids(process);
            if (depth >= 0 && depth < pids.length) {
                tasks.add(new LevelTask(process, pids[depth]));
            }
        }
        return tasks;
    }

    /** Its numbers, from this process's pid namespace inwards (proc_pid_status(5)); none if it has ended. */
    private static long[] namespacePids(ProcessIdentity process) throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        List<String> lines;
        try {
            lines = Files.readAllLines(status);
        } catch (IOException ended) {
            return new long[0];
        }
        for (String line : lines) {
            if (line.startsWith(NAMESPACE_PIDS)) {
                String[] numbers =
                        line.substring(NAMESPACE_PIDS.length()).strip().split("\\s+", -1);
                long[] pids = new long[numbers.length];
                for (int i = 0; i < pids.length; i++) {
                    pids[i] = Long.parseLong(numbers[i]);
                }
                return pids;
            }
        }
        throw new IOException(status + " does not tell the numbers that the process has in its namespaces");
    }
}
