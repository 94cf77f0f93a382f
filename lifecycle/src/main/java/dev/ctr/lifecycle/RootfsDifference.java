package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.archive.RootfsChanges;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** What a container has changed in its root file system, but for what is mounted over and what the engine puts there itself. */
final class RootfsDifference {
    private RootfsDifference() {}

    /**
     * Scans a root file system that has a layer of its own.
     *
     * @param others further places to leave out
     */
    static RootfsChanges of(RootFilesystem root, ContainerPaths paths, Set<String> others) throws IOException {
        Set<String> excluded = new HashSet<>(BundleSpec.generatedPlaces());
        excluded.addAll(others);
        for (JsonNode mount :
                Json.readObject(paths.bundle().resolve("config.json")).path("mounts")) {
            excluded.add(mount.path("destination").asText());
        }
        return RootfsChanges.scan(root.upper(), root.lower(), excluded);
    }
}
