package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.runtime.MemoryRoom;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * A place in memory for CRIU's images that only pass through on their way into an archive: a tmpfs, mounted where they would
 * be on disk, so that everybody finds them there while it lasts.
 *
 * <p>What is in it is the checkpoint until the archive is complete. If this process dies before, and the program has ended
 * already, {@link #persist} saves it.
 */
final class CheckpointMemory {
    /** What CRIU writes besides the pages, in bytes. */
    private static final long OTHER_IMAGES = 64 << 20;

    /** What is on its way from memory to the disk, and what has arrived there. */
    private static final String PARTIAL = "checkpoint.partial";

    private static final String WHOLE = "checkpoint.whole";

    private CheckpointMemory() {}

    /** Mounts it over the directory of a container's images if twice as much memory is free as they may need. */
    static void mountIfThereIsRoom(LockedContainer container) throws IOException {
        long room = MemoryRoom.bytes();
        if (needed(container) < room / 2) {
            Mounts.mount(
                    "ctr-checkpoint",
                    container.paths().checkpoint(),
                    "tmpfs",
                    Mounts.NOSUID | Mounts.NODEV | Mounts.NOEXEC,
                    "mode=0700,size=" + room / 4 * 3);
        }
    }

    private static long needed(LockedContainer container) throws IOException {
        long bytes = OTHER_IMAGES;
        for (long pid : container.engine().cgroup(container.config()).processes()) {
            bytes += MemoryRoom.used(pid);
        }
        return bytes;
    }

    static boolean holdsImages(ContainerPaths paths) throws IOException {
        return Mounts.isMounted(paths.checkpoint());
    }

    /** Saves the images to the disk if they are in memory. Called again after a crash, it takes up where it was. */
    static void persist(ContainerPaths paths) throws IOException {
        Path images = paths.checkpoint();
        Path partial = paths.bundle().resolve(PARTIAL);
        Path whole = paths.bundle().resolve(WHOLE);
        if (holdsImages(paths)) {
            Trees.delete(partial);
            Trees.delete(whole);
            copy(images, partial);
            Files.move(partial, whole);
            Durable.syncDirectory(paths.bundle());
            release(paths);
        }
        if (Files.isDirectory(whole)) {
            Trees.delete(images);
            Files.move(whole, images);
            Durable.syncDirectory(paths.bundle());
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Path copy = Files.copy(file, to.resolve(file.getFileName()), LinkOption.NOFOLLOW_LINKS);
                if (Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS)) {
                    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                        channel.force(true);
                    }
                }
            }
        }
        Durable.syncDirectory(to);
    }

    /** Gives the memory back, and nothing of what was in it is left. */
    static void discard(ContainerPaths paths) throws IOException {
        release(paths);
        Trees.delete(paths.bundle().resolve(PARTIAL));
        Trees.delete(paths.bundle().resolve(WHOLE));
    }

    /** Gives the memory back, and what is in it is gone; images on disk stay. */
    static void release(ContainerPaths paths) throws IOException {
        Mounts.unmountAllBelow(paths.checkpoint());
    }
}
