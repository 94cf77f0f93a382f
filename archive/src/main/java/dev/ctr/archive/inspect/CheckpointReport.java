package dev.ctr.archive.inspect;

import dev.ctr.criu.image.DumpedMount;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.ProcessTree;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What was found out of a checkpoint by looking into its archive. Texts are the container's, and may hold any character.
 *
 * @param overview what the archive says of it
 * @param hostname the container's host name, empty if it was the host's
 * @param levels the directories of CRIU images that it is made of, latest first
 * @param parentMissing whether it builds on a checkpoint that the archive does not have
 * @param tree its processes
 * @param processes what was found out of each, by its number
 * @param mounts what was mounted
 */
public record CheckpointReport(
        CheckpointOverview overview,
        String hostname,
        List<String> levels,
        boolean parentMissing,
        ProcessTree tree,
        Map<Integer, ProcessReport> processes,
        List<DumpedMount> mounts) {
    /** Makes lists and maps immutable. */
    public CheckpointReport {
        levels = List.copyOf(levels);
        processes = Map.copyOf(processes);
        mounts = List.copyOf(mounts);
    }

    /**
     * Looks into an archive. Reads it once, and once more if the memory of processes is needed.
     *
     * @throws dev.ctr.archive.ArchiveException if it is damaged, or no archive
     * @throws dev.ctr.criu.image.CriuImageException if its CRIU images are damaged, or of a form that cannot be read here
     */
    public static CheckpointReport of(ArchiveSource source, InspectionScope scope) throws IOException {
        try (CheckpointContent content = CheckpointContent.open(source);
                Inspection inspection = new Inspection(content, scope, false)) {
            return inspection.report();
        }
    }

    /** What was found out of a process of the tree. */
    public ProcessReport of(DumpedProcess process) {
        ProcessReport report = processes.get(process.pid());
        if (report == null) {
            throw new IllegalArgumentException("process " + process.pid() + " is not of this checkpoint");
        }
        return report;
    }
}
