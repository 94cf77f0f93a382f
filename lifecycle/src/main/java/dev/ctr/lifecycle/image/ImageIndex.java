package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What the store holds: its {@code index.json}. An image with several names has several descriptors there, as the OCI
 * layout wants it; here it is one entry. Immutable.
 */
record ImageIndex(List<Entry> entries) {
    static final String REF_NAME = "org.opencontainers.image.ref.name";

    /** Ours: the image's ID, and how many bytes it has unpacked. */
    private static final String ID = "dev.ctr.image.id";

    private static final String SIZE = "dev.ctr.image.size";

    /** Ours: every name that the image has had, separated by blanks. */
    private static final String HISTORY = "dev.ctr.image.history";

    /** Ours: the unpacked layers' bytes, the lowest first, separated by blanks. */
    private static final String LAYER_SIZES = "dev.ctr.image.layer-sizes";

    private static final int LONGEST_HISTORY = 100;

    private static final String WHAT = "index of the image store";

    ImageIndex {
        entries = List.copyOf(entries);
    }

    /**
     * An image: its manifest, its ID, its size unpacked and that of each layer, its names, and those that it has had, the last
     * first.
     */
    record Entry(
            Descriptor manifest,
            ImageId id,
            long size,
            List<Long> layerSizes,
            List<ImageName> names,
            List<String> history) {
        Entry {
            layerSizes = List.copyOf(layerSizes);
            names = List.copyOf(names);
            List<String> all = new ArrayList<>(history);
            for (ImageName name : names) {
                if (!all.contains(name.toString())) {
                    all.add(0, name.toString());
                }
            }
            history = List.copyOf(all.subList(0, Math.min(all.size(), LONGEST_HISTORY)));
        }

        static Entry of(StagedImage image) {
            return new Entry(image.manifest(), image.id(), image.size(), image.layerSizes(), image.names(), List.of());
        }

        /** The same image in another form, which takes over the names. */
        Entry succeeding(Entry old) {
            return new Entry(manifest, id, size, layerSizes, old.names(), old.history()).plus(names);
        }

        Entry withNames(Collection<ImageName> changed) {
            return new Entry(manifest, id, size, layerSizes, List.copyOf(changed), history);
        }

        Entry plus(Collection<ImageName> more) {
            List<ImageName> all = new ArrayList<>(names);
            more.stream().filter(name -> !all.contains(name)).forEach(all::add);
            return withNames(all);
        }

        Entry minus(Collection<ImageName> fewer) {
            return withNames(
                    names.stream().filter(name -> !fewer.contains(name)).toList());
        }
    }

    static ImageIndex parse(byte[] content) throws IOException {
        ImageIndex index = new ImageIndex(List.of());
        for (JsonNode node : ImageJson.array(ImageJson.parse(content, WHAT), "manifests", WHAT)) {
            Descriptor manifest = Descriptor.of(node, WHAT);
            JsonNode annotations = node.path("annotations");
            String name = annotations.path(REF_NAME).asText();
            List<ImageName> names = name.isEmpty() ? List.of() : List.of(ImageName.of(name));
            ImageId id = new ImageId(ImageJson.digest(annotations.path(ID), WHAT));
            index = index.with(new Entry(
                    manifest,
                    id,
                    annotations.path(SIZE).asLong(),
                    words(annotations, LAYER_SIZES).stream().map(Long::valueOf).toList(),
                    names,
                    words(annotations, HISTORY)));
        }
        return index;
    }

    private static List<String> words(JsonNode annotations, String key) {
        String text = annotations.path(key).asText();
        return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
    }

    byte[] toJson() {
        ObjectNode root = Json.object();
        root.put("schemaVersion", 2);
        root.put("mediaType", MediaTypes.INDEX);
        ArrayNode manifests = root.putArray("manifests");
        for (Entry entry : entries) {
            if (entry.names().isEmpty()) {
                manifests.add(descriptor(entry));
            }
            for (ImageName name : entry.names()) {
                ObjectNode node = descriptor(entry);
                node.withObject("/annotations").put(REF_NAME, name.toString());
                manifests.add(node);
            }
        }
        return Json.bytes(root);
    }

    private static ObjectNode descriptor(Entry entry) {
        ObjectNode node = entry.manifest().toJson();
        ObjectNode annotations = node.putObject("annotations");
        annotations.put(ID, entry.id().digest().toString());
        annotations.put(SIZE, Long.toString(entry.size()));
        if (!entry.layerSizes().isEmpty()) {
            annotations.put(
                    LAYER_SIZES,
                    entry.layerSizes().stream().map(String::valueOf).collect(Collectors.joining(" ")));
        }
        if (!entry.history().isEmpty()) {
            annotations.put(HISTORY, String.join(" ", entry.history()));
        }
        return node;
    }

    Optional<Entry> find(Digest manifest) {
        return entries.stream()
                .filter(entry -> entry.manifest().digest().equals(manifest))
                .findFirst();
    }

    /** Adds an image, or names to an image. Another image that had one of the names loses it and stays. */
    ImageIndex with(Entry added) {
        Digest digest = added.manifest().digest();
        List<Entry> changed = new ArrayList<>();
        for (Entry entry : entries) {
            if (!entry.manifest().digest().equals(digest)) {
                changed.add(entry.minus(added.names()));
            }
        }
        changed.add(find(digest).map(known -> known.plus(added.names())).orElse(added));
        return new ImageIndex(changed);
    }

    ImageIndex without(Digest manifest) {
        return new ImageIndex(entries.stream()
                .filter(entry -> !entry.manifest().digest().equals(manifest))
                .toList());
    }

    ImageIndex change(Digest manifest, UnaryOperator<Entry> change) {
        return new ImageIndex(entries.stream()
                .map(entry -> entry.manifest().digest().equals(manifest) ? change.apply(entry) : entry)
                .toList());
    }
}
