package dev.ctr.lifecycle;

import dev.ctr.archive.Compression;
import dev.ctr.archive.Recipients;
import dev.ctr.criu.memory.TrackerChoice;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How to checkpoint a container. A mutable builder: set what differs from the defaults, then hand it over. */
public final class CheckpointOptions {
    boolean leaveRunning;
    boolean keep;
    boolean tcpEstablished;
    boolean tcpClose;
    boolean fileLocks;
    boolean ignoreRootfs;
    boolean ignoreVolumes;
    boolean dropExecSessions;
    CriuFlags criu = CriuFlags.NONE;
    boolean preCheckpoint;
    boolean withPrevious;
    TrackerChoice tracker = TrackerChoice.AUTO;

    @Nullable
    ExportedLevels exportedLevels;

    @Nullable
    FilesAhead filesAhead;

    @Nullable
    Path exportFile;

    @Nullable
    OutputStream exportStream;

    @Nullable
    String imageName;

    Compression compression = Compression.ZSTD;
    int threads = Runtime.getRuntime().availableProcessors();
    Progress progress = Progress.NONE;
    Recipients recipients = Recipients.NONE;

    /** Lets the container go on after it was dumped. */
    public CheckpointOptions leaveRunning(boolean value) {
        leaveRunning = value;
        return this;
    }

    /** Keeps CRIU's logs and statistics in the container's directory. */
    public CheckpointOptions keep(boolean value) {
        keep = value;
        return this;
    }

    /** Dumps established TCP connections; without it a container that has one is not dumped. */
    public CheckpointOptions tcpEstablished(boolean value) {
        tcpEstablished = value;
        return this;
    }

    /** Leaves established TCP connections out of the dump; they are closed on restore. */
    public CheckpointOptions tcpClose(boolean value) {
        tcpClose = value;
        return this;
    }

    /** Dumps file locks; without it a container that holds one is not dumped. */
    public CheckpointOptions fileLocks(boolean value) {
        fileLocks = value;
        return this;
    }

    /** Leaves the changes to the root file system out of the archive. */
    public CheckpointOptions ignoreRootfs(boolean value) {
        ignoreRootfs = value;
        return this;
    }

    /** Leaves the content of volumes out of the archive. */
    public CheckpointOptions ignoreVolumes(boolean value) {
        ignoreVolumes = value;
        return this;
    }

    /** Leaves out of the archive of a hand-over the files that were sent ahead; what has changed of them is sent while it is frozen. */
    public CheckpointOptions filesAhead(FilesAhead value) {
        filesAhead = value;
        return ignoreRootfs(true).ignoreVolumes(true);
    }

    /** Lets exec sessions end with the container; without it a container in which any run is not checkpointed. */
    public CheckpointOptions dropExecSessions(boolean value) {
        dropExecSessions = value;
        return this;
    }

    /** What CRIU may do besides. */
    public CheckpointOptions criu(CriuFlags value) {
        criu = value;
        return this;
    }

    /**
     * Saves the memory of the container and lets it run: one more level of its chain of pre-checkpoints, with the pages that
     * have changed since the level before.
     */
    public CheckpointOptions preCheckpoint(boolean value) {
        preCheckpoint = value;
        return this;
    }

    /** Leaves to the chain of pre-checkpoints what it has of the container's memory. */
    public CheckpointOptions withPrevious(boolean value) {
        withPrevious = value;
        return this;
    }

    /** How a pre-checkpoint finds pages that have changed. */
    public CheckpointOptions tracker(TrackerChoice value) {
        tracker = value;
        return this;
    }

    /** Which levels of the chain go into the archive; by default a pre-checkpoint's own, and a checkpoint's whole chain. */
    public CheckpointOptions exportedLevels(ExportedLevels value) {
        exportedLevels = value;
        return this;
    }

    /** Writes the checkpoint as an archive to this file, which appears only when it is complete. */
    public CheckpointOptions exportTo(Path file) {
        exportFile = file.toAbsolutePath();
        return this;
    }

    /** Writes the checkpoint as an archive to this stream, which is flushed and left open. */
    public CheckpointOptions exportTo(OutputStream stream) {
        exportStream = stream;
        return this;
    }

    /**
     * Makes an image of the checkpoint, besides or instead of an archive. An image that has the name loses it, and stays.
     *
     * @param name what it will be called; it is {@code localhost}'s and {@code latest} unless the name says otherwise
     */
    public CheckpointOptions createImage(String name) {
        imageName = name;
        return this;
    }

    public CheckpointOptions compression(Compression value) {
        compression = value;
        return this;
    }

    /** How many threads compress; at least 1. */
    public CheckpointOptions threads(int value) {
        threads = value;
        return this;
    }

    /** Encrypts the archive for these alone. */
    public CheckpointOptions encryptFor(Recipients value) {
        recipients = value;
        return this;
    }

    public CheckpointOptions progress(Progress value) {
        progress = value;
        return this;
    }

    boolean exportsWholeChain() {
        return exportedLevels == null ? withPrevious : exportedLevels == ExportedLevels.ALL;
    }

    /** Whether the checkpoint gets out of the container's own directory. */
    boolean exports() {
        return exportFile != null || exportStream != null || imageName != null;
    }

    Optional<Path> exportFile() {
        return Optional.ofNullable(exportFile);
    }
}
