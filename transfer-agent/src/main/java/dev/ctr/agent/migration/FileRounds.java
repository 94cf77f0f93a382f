package dev.ctr.agent.migration;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.FilesAhead;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Volume;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one migration: sent ahead in rounds while the container runs, until little changes from one to the next, so that a last
 * round is all that is left for the freeze. Few files are not worth a round: the archive has them. Used by one thread.
 */
final class FileRounds implements Closeable {
    /** So many bytes take no longer in the freeze than the round trips would. */
    private static final long FEW = 4 << 20;

    /** A round with less leaves nothing to gain. */
    private static final long LITTLE = 1 << 20;

    /** A round that is not smaller than this part of the one before does not bring the end nearer. */
    private static final double PROGRESS = 0.7;

    private static final int MOST = 6;
    private static final Logger LOG = LoggerFactory.getLogger(FileRounds.class);

    private final Optional<FilesAhead> files;
    private int rounds;

    private FileRounds(Optional<FilesAhead> files) {
        this.files = files;
    }

    /**
     * Prepares.
     *
     * @param notes a directory to be made for what is noted
     */
    static FileRounds of(Container container, Description description, Path notes) throws IOException {
        if (bytes(description) < FEW) {
            return new FileRounds(Optional.empty());
        }
        return new FileRounds(Optional.of(container.filesAhead(Files.createDirectory(notes))));
    }

    private static long bytes(Description description) {
        return description.getRootfsBytes()
                + description.getVolumesList().stream()
                        .mapToLong(Volume::getBytes)
                        .sum();
    }

    /** How many bytes of files are not sent ahead, but for what changes at the last moment. */
    static long inTheFreeze(Description description) {
        return bytes(description) < FEW ? bytes(description) : 0;
    }

    /** Sends a round of files as a stream of this name. */
    interface Sending {
        long send(String stream, FilesAhead files) throws IOException, InterruptedException;
    }

    /** Sends rounds until little changes. */
    void sendAhead(Sending sending) throws IOException, InterruptedException {
        long before;
        long last = Long.MAX_VALUE;
        do {
            before = last;
            last = send(sending);
        } while (last > LITTLE && last < before * PROGRESS && rounds < MOST);
    }

    /** Sends one more round, if files are sent ahead at all. */
    long send(Sending sending) throws IOException, InterruptedException {
        if (files.isEmpty()) {
            return 0;
        }
        rounds++;
        return sending.send("files-" + rounds, files.get());
    }

    /** What is sent ahead; empty if the archive is to have the files. */
    Optional<FilesAhead> files() {
        return files;
    }

    /** Never fails: what is closed was only read back by this process. */
    @Override
    public void close() {
        try {
            if (files.isPresent()) {
                files.get().close();
            }
        } catch (IOException e) {
            LOG.debug("the notes of the files that were sent: {}", e.getMessage());
        }
    }
}
