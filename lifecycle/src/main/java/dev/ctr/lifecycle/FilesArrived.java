package dev.ctr.lifecycle;

import dev.ctr.archive.ReplicaQuota;
import dev.ctr.archive.TarExtractor;
import dev.ctr.archive.TreeReplica;
import dev.ctr.criu.linux.FileSystemSync;
import dev.ctr.lifecycle.storage.DirectoryCopy;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/**
 * The files of a container that is to be taken over, as they arrive ahead of it, each round what {@link FilesAhead} has written. They lie
 * in a directory of the caller's until the container is taken over, and are then renamed to their places. Rounds come one after the
 * other; the last may be read beside {@link Engine#takeOver}, which waits for it.
 */
public final class FilesArrived {
    static final String ROOTFS = "rootfs";
    static final String VOLUME = "volume:";

    private static final Pattern PART = Pattern.compile("rootfs|volume:[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}");
    private static final int MOST_PARTS = 1000;
    private static final int BUFFER = 1 << 18;

    private final Path directory;
    private final ReplicaQuota quota;
    private final Map<String, TreeReplica> parts = new HashMap<>();
    private final Map<String, String> renamedVolumes = new HashMap<>();
    private boolean ended;
    private final CompletableFuture<Void> complete = new CompletableFuture<>();

    /**
     * Nothing yet.
     *
     * @param directory an empty directory on the file system of the engine's root; the caller deletes it
     * @param restore how the container is to be restored, whose policy limits the size of all parts together
     */
    public FilesArrived(Path directory, RestoreOptions restore) {
        this.directory = directory;
        this.quota = new ReplicaQuota(restore.policy.limitsOfTrees());
    }

    /**
     * Takes a round; when this returns, it is on the disk.
     *
     * @throws IOException if the stream fails or is not what {@link FilesAhead} writes, or the file system refuses: the files are of no use
     *     then
     */
    public void take(InputStream in) throws IOException {
        read(in, false);
        FileSystemSync.of(directory);
    }

    /**
     * Takes the last round. The container is taken over only when this has returned.
     *
     * @throws IOException as {@link #take}; the container is not taken over then
     */
    public void takeLast(InputStream in) throws IOException {
        try {
            read(in, true);
            complete.complete(null);
        } catch (IOException | RuntimeException e) {
            complete.completeExceptionally(e);
            throw e;
        }
    }

    private synchronized void read(InputStream in, boolean last) throws IOException {
        if (ended) {
            throw new IOException("the last of the files have come already");
        }
        ended = last;
        DataInputStream data = new DataInputStream(new BufferedInputStream(in, BUFFER));
        try {
            for (int length = data.readUnsignedShort(); length > 0; length = data.readUnsignedShort()) {
                part(new String(data.readNBytes(length), StandardCharsets.UTF_8))
                        .apply(data);
            }
        } catch (EOFException e) {
            throw new IOException("the files end early", e);
        }
    }

    private TreeReplica part(String name) throws IOException {
        TreeReplica known = parts.get(name);
        if (known != null) {
            return known;
        }
        if (!PART.matcher(name).matches() || parts.size() >= MOST_PARTS) {
            throw new IOException("there can be no files of a part \"" + name.replaceAll("\\p{Cntrl}", "?") + "\"");
        }
        Path root = Files.createDirectory(directory.resolve("part-" + parts.size()));
        TreeReplica created = new TreeReplica(root, "the files sent ahead", quota);
        parts.put(name, created);
        return created;
    }

    /** Waits for the last round. */
    void awaitComplete() throws IOException, InterruptedException {
        try {
            complete.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("the container's files did not arrive: " + cause.getMessage(), e);
        }
    }

    /** Has a volume get what arrived for another name. */
    void renameVolume(String from, String to) {
        renamedVolumes.put(to, from);
    }

    /** Puts a container's own layer in place of an empty one that is not mounted yet. */
    void moveRootfs(Path upper) throws IOException {
        move(ROOTFS, upper);
    }

    /** Puts the content of a volume in place of an empty one's. */
    void moveVolume(String name, Path data) throws IOException {
        move(VOLUME + renamedVolumes.getOrDefault(name, name), data);
    }

    private void move(String part, Path place) throws IOException {
        TreeReplica replica = parts.get(part);
        if (replica == null || !replica.hasArrived()) {
            return;
        }
        try {
            Files.move(replica.root(), place, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException otherFileSystem) {
            DirectoryCopy.copy(replica.root(), place);
        }
    }

    /** Deletes from the mounted root file system what the image has and the container has not. */
    void deleteHidden(Path root) throws IOException {
        TreeReplica replica = parts.get(ROOTFS);
        if (replica != null) {
            TarExtractor.deleteInside(root, replica.hidden());
        }
    }
}
