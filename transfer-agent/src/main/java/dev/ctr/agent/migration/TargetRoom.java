package dev.ctr.agent.migration;

import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.runtime.MemoryRoom;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Whether a container that runs elsewhere would find room here: on each file system that it comes to lie on, and in memory. */
final class TargetRoom {
    private static final long MEGABYTE = 1_000_000;

    private final Engine engine;
    private final Description container;
    private final Findings findings;

    TargetRoom(Engine engine, Description container, Findings findings) {
        this.engine = engine;
        this.container = container;
        this.findings = findings;
    }

    /**
     * What comes to lie on one file system.
     *
     * @param place the first directory that lies there
     * @param bytes how much, at most
     */
    private record Need(Path place, long bytes) {
        Need and(long more) {
            return new Need(place, bytes + more);
        }
    }

    /** @param image the bytes of the image that would be sent */
    void look(long image) throws IOException {
        Map<Object, Need> needs = needs(image);
        int tight = 0;
        for (Need need : needs.values()) {
            long free = existing(need.place()).toFile().getUsableSpace();
            if (free < need.bytes()) {
                tight++;
                findings.refused(
                        "disk",
                        "the target may need " + megabytes(need.bytes()) + " below " + need.place() + ", where "
                                + megabytes(free) + " are free",
                        "make room there");
            }
        }
        if (tight == 0) {
            findings.ok("disk", "there is room on the target's disk");
        }
        memory();
    }

    /**
     * What has arrived lies in {@code migrations} first; from there files are moved to where they belong, and copied only to another file
     * system. The memory lies there if it comes in rounds, and is unpacked in {@code staging}. An image's layers are kept as they
     * came and as unpacked.
     */
    private Map<Object, Need> needs(long image) throws IOException {
        long memory = container.getMemoryBytes();
        long rootfs = container.getRootfsBytes();
        long volumes = container.getVolumesList().stream()
                .mapToLong(Volume::getBytes)
                .sum();
        Map<Object, Need> needs = new LinkedHashMap<>();
        Object arrival = add(needs, "migrations", memory + rootfs + volumes);
        add(needs, "staging", memory);
        addElsewhere(needs, "containers", rootfs, arrival);
        addElsewhere(needs, "volumes", volumes, arrival);
        add(needs, "images", image);
        add(needs, "layers", image == 0 ? 0 : container.getImageBytes());
        needs.values().removeIf(need -> need.bytes() == 0);
        return needs;
    }

    private void addElsewhere(Map<Object, Need> needs, String directory, long bytes, Object arrival)
            throws IOException {
        if (!fileSystem(directory).equals(arrival)) {
            add(needs, directory, bytes);
        }
    }

    private Object add(Map<Object, Need> needs, String directory, long bytes) throws IOException {
        Object fileSystem = fileSystem(directory);
        needs.merge(fileSystem, new Need(place(directory), bytes), (known, more) -> known.and(more.bytes()));
        return fileSystem;
    }

    private Object fileSystem(String directory) throws IOException {
        return Files.getAttribute(existing(place(directory)), "unix:dev");
    }

    private Path place(String directory) {
        return engine.options().root().resolve(directory);
    }

    /** The directory, or the nearest above it that is there. */
    private static Path existing(Path directory) {
        Path place = directory.toAbsolutePath();
        while (!Files.exists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        return place;
    }

    private void memory() throws IOException {
        long available = MemoryRoom.bytes();
        long allowed = MemoryRoom.bytesIn(engine.options().cgroupParent());
        long needed = container.getMemoryBytes();
        if (Math.min(available, allowed) >= needed) {
            findings.ok("memory", "there is room in the target's memory");
        } else if (allowed < available) {
            findings.refused(
                    "memory",
                    "the container uses " + megabytes(needed) + " of memory, and the target's cgroup "
                            + engine.options().cgroupParent() + " leaves it " + megabytes(allowed),
                    "raise that cgroup's limit, or choose another target");
        } else {
            findings.refused(
                    "memory",
                    "the container uses " + megabytes(needed) + " of memory, and the target has " + megabytes(available),
                    "choose a target with more memory");
        }
    }

    private static String megabytes(long bytes) {
        return Math.round((double) bytes / MEGABYTE) + " MB";
    }
}
