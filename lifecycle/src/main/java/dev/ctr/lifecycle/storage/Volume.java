package dev.ctr.lifecycle.storage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A named volume.
 *
 * @param name its name
 * @param directory the directory with its content: its own, or one of the host's that its options name
 * @param created when it was made
 * @param labels free names and values
 * @param options what the driver was told; the local driver's mount options
 * @param anonymous whether it was made for a container that named none, and goes with it
 * @param needsCopyUp whether it was never mounted: then it takes over what the image has in its place
 * @param importer the ID of the container that it was made for when that was imported, and goes with if the import is undone
 */
public record Volume(
        String name,
        Path directory,
        Instant created,
        Map<String, String> labels,
        Map<String, String> options,
        boolean anonymous,
        boolean needsCopyUp,
        Optional<String> importer) {

    public Volume {
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** What {@code podman volume inspect} tells. */
    public ObjectNode inspect() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("Name", name);
        root.put("Driver", "local");
        root.put("Mountpoint", directory.toString());
        root.put("CreatedAt", created.toString());
        ObjectNode labelMap = root.putObject("Labels");
        labels.forEach(labelMap::put);
        root.put("Scope", "local");
        ObjectNode optionMap = root.putObject("Options");
        options.forEach(optionMap::put);
        root.put("MountCount", 0);
        if (anonymous) {
            root.put("Anonymous", true);
        }
        if (needsCopyUp) {
            root.put("NeedsCopyUp", true);
        }
        return root;
    }
}
