package dev.ctr.archive.inspect;

import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.criu.DumpStatistics;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an archive says of its checkpoint, without looking into the CRIU images. Texts are the archive's, and may hold any
 * character; what the archive does not say is empty.
 *
 * @param container the container's name
 * @param image the name of its image
 * @param id its ID
 * @param runtime the OCI runtime it ran with
 * @param created when it was created, to the second
 * @param engine which engine made the archive
 * @param networks its addresses
 * @param checkpointBytes the CRIU images, all levels
 * @param pagesBytes of these the memory
 * @param rootfsBytes the changed files of its root file system
 * @param volumes the content of each volume, in bytes, by name
 * @param annotations of its runtime specification
 * @param mounts of its runtime specification
 * @param statistics what CRIU counted when it dumped
 */
public record CheckpointOverview(
        String container,
        String image,
        String id,
        String runtime,
        String created,
        String engine,
        List<Network> networks,
        long checkpointBytes,
        long pagesBytes,
        long rootfsBytes,
        SortedMap<String, Long> volumes,
        SortedMap<String, String> annotations,
        List<SpecifiedMount> mounts,
        Optional<DumpStatistics> statistics) {
    /**
     * A network that the container was in.
     *
     * @param name the network's
     * @param networkInterface such as {@code eth0}
     * @param address with the length of its prefix
     * @param mac hardware address
     */
    public record Network(String name, String networkInterface, String address, String mac) {}

    /**
     * A mount that the runtime was asked for.
     *
     * @param destination where, in the container
     * @param type such as {@code bind}
     * @param source the host's directory or file, or what the type takes for one
     */
    public record SpecifiedMount(String destination, String type, String source) {}

    /** Makes lists and maps immutable. */
    public CheckpointOverview {
        networks = List.copyOf(networks);
        volumes = Collections.unmodifiableSortedMap(new TreeMap<>(volumes));
        annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
        mounts = List.copyOf(mounts);
    }

    /**
     * Reads an archive once, to its end.
     *
     * @throws dev.ctr.archive.ArchiveException if it is damaged, or no checkpoint
     */
    public static CheckpointOverview read(ArchiveSource source) throws IOException {
        OverviewVisitor overview = new OverviewVisitor(source.file().toString());
        try (CheckpointArchiveReader reader = source.open()) {
            return overview.result(reader.visit(overview));
        }
    }
}
