package dev.ctr.archive.inspect;

import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.OpenDescriptor;
import dev.ctr.criu.image.OpenFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What changed from one checkpoint to another, usually of the same container. Processes are the same if their numbers are.
 *
 * @param processes processes that came, went, or changed their command or state
 * @param files what processes have open, other than sockets
 * @param sockets sockets that processes have open
 * @param memory memory that changed, of processes that both have, by mapping
 * @param uncomparedBytes memory that could not be compared because an archive does not have it
 * @param rootfs files of the root file system and of /dev/shm
 * @param volumes files of volumes
 */
public record CheckpointDifference(
        List<Change> processes,
        List<Change> files,
        List<Change> sockets,
        List<MemoryChange> memory,
        long uncomparedBytes,
        List<Change> rootfs,
        List<Change> volumes) {
    private static final InspectionScope SCOPE = new InspectionScope(true, false, true, false);

    /** A descriptor of a process. */
    private record Key(int pid, int descriptor) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byProcess = Integer.compare(pid, other.pid);
            return byProcess != 0 ? byProcess : Integer.compareUnsigned(descriptor, other.descriptor);
        }
    }

    /** Makes the lists immutable. */
    public CheckpointDifference {
        processes = List.copyOf(processes);
        files = List.copyOf(files);
        sockets = List.copyOf(sockets);
        memory = List.copyOf(memory);
        rootfs = List.copyOf(rootfs);
        volumes = List.copyOf(volumes);
    }

    /** Tells of open files in words. */
    @FunctionalInterface
    public interface FileTelling {
        /** What is to be known of a file. */
        String tell(OpenFile file);
    }

    /**
     * Compares two archives. Each is read three times; their memory is compared by the SHA-256 of its pages.
     *
     * @param telling how open files are told
     * @throws dev.ctr.archive.ArchiveException if one is damaged, or no archive
     * @throws dev.ctr.criu.image.CriuImageException if CRIU images are damaged, or of a form that cannot be read here
     */
    public static CheckpointDifference between(ArchiveSource first, ArchiveSource second, FileTelling telling)
            throws IOException {
        try (CheckpointContent firstContent = CheckpointContent.open(first);
                CheckpointContent secondContent = CheckpointContent.open(second);
                Inspection before = new Inspection(firstContent, SCOPE, true);
                Inspection after = new Inspection(secondContent, SCOPE, true)) {
            CheckpointReport older = before.report();
            CheckpointReport newer = after.report();
            MemoryComparison memory = new MemoryComparison(before, after);
            List<MemoryChange> changes = new ArrayList<>();
            for (DumpedProcess process : newer.tree().all()) {
                ProcessReport known = older.processes().get(process.pid());
                if (known != null) {
                    changes.addAll(memory.compare(known.process(), process));
                }
            }
            ChangedFiles olderFiles = ChangedFiles.of(first);
            ChangedFiles newerFiles = ChangedFiles.of(second);
            return new CheckpointDifference(
                    Change.between(commands(older), commands(newer), pid -> "[" + pid + "]", command -> command),
                    descriptors(older, newer, false, telling),
                    descriptors(older, newer, true, telling),
                    changes,
                    memory.unknownBytes(),
                    Change.ofFiles(olderFiles.rootfs(), newerFiles.rootfs()),
                    Change.ofFiles(olderFiles.volumes(), newerFiles.volumes()));
        }
    }

    /** Whether nothing changed. */
    public boolean isEmpty() {
        return processes.isEmpty()
                && files.isEmpty()
                && sockets.isEmpty()
                && memory.isEmpty()
                && rootfs.isEmpty()
                && volumes.isEmpty();
    }

    private static Map<Integer, String> commands(CheckpointReport report) {
        Map<Integer, String> commands = new TreeMap<>();
        report.processes().forEach((pid, found) -> {
            String command = found.arguments().isEmpty() ? found.process().name() : String.join(" ", found.arguments());
            commands.put(pid, command + ", " + found.process().state());
        });
        return commands;
    }

    private static List<Change> descriptors(
            CheckpointReport older, CheckpointReport newer, boolean sockets, FileTelling telling) {
        return Change.between(
                descriptors(older, sockets, telling),
                descriptors(newer, sockets, telling),
                key -> "[" + key.pid() + "] " + Integer.toUnsignedString(key.descriptor()),
                told -> told);
    }

    private static Map<Key, String> descriptors(CheckpointReport report, boolean sockets, FileTelling telling) {
        Map<Key, String> descriptors = new TreeMap<>();
        report.processes().forEach((pid, found) -> {
            for (OpenDescriptor descriptor : found.descriptors()) {
                if (descriptor.file().isSocket() == sockets) {
                    descriptors.put(new Key(pid, descriptor.number()), telling.tell(descriptor.file()));
                }
            }
        });
        return descriptors;
    }
}
