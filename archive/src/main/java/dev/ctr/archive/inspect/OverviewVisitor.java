package dev.ctr.archive.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.ArchiveManifest;
import dev.ctr.archive.ArchivedEntry;
import dev.ctr.archive.ArchivedEntry.Kind;
import dev.ctr.archive.CheckpointArchiveReader.EntryVisitor;
import dev.ctr.archive.inspect.CheckpointOverview.Network;
import dev.ctr.archive.inspect.CheckpointOverview.SpecifiedMount;
import dev.ctr.criu.CriuStatistics;
import dev.ctr.criu.DumpStatistics;
import java.io.IOException;
import java.io.InputStream;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Gathers the overview while the entries of an archive go by. */
final class OverviewVisitor implements EntryVisitor {
    private static final String MANAGER = "io.container.manager";
    private static final int MOST_VOLUMES = 100_000;

    private final String source;
    private final SortedMap<String, Long> volumes = new TreeMap<>();
    private JsonNode config = MissingNode.getInstance();
    private JsonNode spec = MissingNode.getInstance();
    private JsonNode networks = MissingNode.getInstance();
    private Optional<DumpStatistics> statistics = Optional.empty();
    private long checkpointBytes;
    private long pagesBytes;
    private long rootfsBytes;

    OverviewVisitor(String source) {
        this.source = source;
    }

    @Override
    public void visit(ArchivedEntry entry, InputStream content) throws IOException {
        if (entry.kind() != Kind.FILE) {
            return;
        }
        if (countImage(entry)) {
            return;
        }
        switch (entry.name()) {
            case ArchiveEntries.CONFIG_DUMP -> config = SmallJson.read(entry, content, source);
            case ArchiveEntries.SPEC_DUMP -> spec = SmallJson.read(entry, content, source);
            case ArchiveEntries.NETWORK_STATUS -> networks = SmallJson.read(entry, content, source);
            case ArchiveEntries.STATS_DUMP -> statistics = Optional.of(CriuStatistics.readDump(content, entry.name()));
            case ArchiveEntries.ROOTFS_DIFF_TAR -> rootfsBytes = entry.size();
            default -> countVolume(entry);
        }
    }

    /** Counts a CRIU image; anything else is none of its business. */
    boolean countImage(ArchivedEntry entry) {
        Optional<CheckpointFile> image = CheckpointFile.of(entry.name());
        if (image.isPresent()) {
            checkpointBytes += entry.size();
            pagesBytes += image.get().hasPages() ? entry.size() : 0;
        }
        return image.isPresent();
    }

    private void countVolume(ArchivedEntry entry) {
        String name = entry.name();
        if (name.startsWith(ArchiveEntries.VOLUMES) && name.endsWith(".tar") && volumes.size() < MOST_VOLUMES) {
            volumes.put(name.substring(ArchiveEntries.VOLUMES.length(), name.length() - ".tar".length()), entry.size());
        }
    }

    /** @param manifest of the archive, which says who wrote it; without one its annotations tell */
    CheckpointOverview result(Optional<ArchiveManifest> manifest) throws IOException {
        if (!config.isObject()) {
            throw SmallJson.missing(source, ArchiveEntries.CONFIG_DUMP);
        }
        return new CheckpointOverview(
                text(config, "name"),
                text(config, "rootfsImageName"),
                text(config, "id"),
                text(config, "runtime"),
                created(),
                manifest.map(ArchiveManifest::writer).orElseGet(this::engine),
                networks(),
                checkpointBytes,
                pagesBytes,
                rootfsBytes,
                volumes,
                annotations(),
                mounts(),
                statistics);
    }

    private static String text(JsonNode object, String key) {
        return object.path(key).asText("");
    }

    private String created() {
        String created = text(config, "createdTime");
        try {
            return DateTimeFormatter.ISO_INSTANT.format(OffsetDateTime.parse(created)
                    .withOffsetSameInstant(ZoneOffset.UTC)
                    .truncatedTo(ChronoUnit.SECONDS));
        } catch (DateTimeParseException e) {
            return created;
        }
    }

    private String engine() {
        String manager = text(spec.path("annotations"), MANAGER);
        return switch (manager) {
            case "libpod" -> "Podman";
            case "cri-o" -> "CRI-O";
            default -> manager;
        };
    }

    private SortedMap<String, String> annotations() {
        SortedMap<String, String> annotations = new TreeMap<>();
        spec.path("annotations")
                .properties()
                .forEach(annotation -> annotations.put(
                        annotation.getKey(), annotation.getValue().asText()));
        return annotations;
    }

    private List<Network> networks() {
        List<Network> found = new ArrayList<>();
        networks.properties()
                .forEach(network -> network.getValue()
                        .path("interfaces")
                        .properties()
                        .forEach(device -> {
                            JsonNode status = device.getValue();
                            String mac = text(status, "mac_address");
                            for (JsonNode subnet : status.path("subnets")) {
                                found.add(new Network(network.getKey(), device.getKey(), text(subnet, "ipnet"), mac));
                            }
                        }));
        return found;
    }

    private List<SpecifiedMount> mounts() {
        List<SpecifiedMount> mounts = new ArrayList<>();
        for (JsonNode mount : spec.path("mounts")) {
            mounts.add(new SpecifiedMount(text(mount, "destination"), text(mount, "type"), text(mount, "source")));
        }
        return mounts;
    }
}
