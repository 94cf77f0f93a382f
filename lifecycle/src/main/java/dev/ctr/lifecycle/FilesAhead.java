package dev.ctr.lifecycle;

import dev.ctr.archive.RootfsChanges;
import dev.ctr.archive.TarPlan;
import dev.ctr.archive.TreeCopy;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sends the files of a container to another host ahead of its freeze: what it has changed in its root file system, and its named
 * volumes. Each round writes what has changed since the one before, for {@link FilesArrived} on the other side; the last one is written
 * in a {@link Container#handOver hand-over}, while the container is frozen. Takes no lock, and memory for each file as an archive does.
 * Not for concurrent use.
 */
public final class FilesAhead implements Closeable {
    private static final int BUFFER = 1 << 18;

    private final ContainerConfig config;
    private final ContainerResources resources;
    private final ContainerPaths paths;
    private final DumpTrace trace;
    private final Path notes;
    private final Map<String, TreeCopy> copies = new LinkedHashMap<>();
    private Content sent = new Content(0, 0);

    FilesAhead(EngineContext engine, ContainerConfig config, Path notes) throws IOException {
        this.config = config;
        this.resources = new ContainerResources(engine, config);
        this.paths = engine.store().paths(config.id());
        this.trace = DumpTrace.before(resources.rootFilesystem());
        this.notes = notes;
    }

    /**
     * How much was sent.
     *
     * @param rootfs bytes of the root file system's files
     * @param volumes bytes of the volumes' files
     */
    public record Content(long rootfs, long volumes) {
        Content plus(Content other) {
            return new Content(rootfs + other.rootfs, volumes + other.volumes);
        }

        /** Both together. */
        public long bytes() {
            return rootfs + volumes;
        }
    }

    /**
     * Writes a round while the container runs. What changes meanwhile is for the next.
     *
     * @param out stays open
     * @throws IOException if a file cannot be read or {@code out} fails: no further round can be written then
     */
    public Content send(OutputStream out) throws IOException {
        DataOutputStream data = data(out);
        long volumes = sendVolumes(data, true);
        return end(data, new Content(sendRootfs(data, true), volumes));
    }

    /** Something that is waited for. */
    @FunctionalInterface
    interface Waiting {
        void await() throws IOException, InterruptedException;
    }

    /**
     * Writes the last round, of a container that is frozen.
     *
     * @param dumped returns when nobody changes the root file system any more
     */
    Content sendLast(OutputStream out, Waiting dumped) throws IOException, InterruptedException {
        DataOutputStream data = data(out);
        long volumes = sendVolumes(data, false);
        dumped.await();
        return end(data, new Content(sendRootfs(data, false), volumes));
    }

    private static DataOutputStream data(OutputStream out) {
        return new DataOutputStream(new BufferedOutputStream(out, BUFFER));
    }

    private Content end(DataOutputStream data, Content round) throws IOException {
        data.writeShort(0);
        data.flush();
        sent = sent.plus(round);
        return round;
    }

    /** All that was sent so far. */
    public Content sent() {
        return sent;
    }

    private long sendRootfs(DataOutputStream out, boolean running) throws IOException {
        RootFilesystem root = resources.rootFilesystem();
        if (root.plain()) {
            return 0;
        }
        TreeCopy copy = begin(out, FilesArrived.ROOTFS, root.upper(), running);
        RootfsChanges changes = RootfsDifference.of(root, paths, running ? Set.of() : trace.places());
        return copy.send(changes.tarPlan(), changes.deletedFiles(), out);
    }

    private long sendVolumes(DataOutputStream out, boolean running) throws IOException {
        long bytes = 0;
        for (ContainerConfig.NamedVolume volume : config.namedVolumes()) {
            Path directory = resources.volumeDirectory(volume);
            TreeCopy copy = begin(out, FilesArrived.VOLUME + volume.name(), directory, running);
            bytes += copy.send(TarPlan.ofDirectory(directory), List.of(), out);
        }
        return bytes;
    }

    private TreeCopy begin(DataOutputStream out, String part, Path directory, boolean running) throws IOException {
        byte[] name = part.getBytes(StandardCharsets.UTF_8);
        out.writeShort(name.length);
        out.write(name);
        TreeCopy copy = copies.get(part);
        if (copy == null) {
            copy = TreeCopy.notedIn(notes.resolve("sums-" + copies.size()));
            copies.put(part, copy);
        }
        if (running) {
            copy.settle(directory);
        }
        return copy;
    }

    @Override
    public void close() throws IOException {
        for (TreeCopy copy : copies.values()) {
            copy.close();
        }
    }
}
