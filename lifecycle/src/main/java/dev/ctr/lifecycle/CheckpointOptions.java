package dev.ctr.lifecycle;

import dev.ctr.archive.Compression;
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

    @Nullable
    Path exportFile;

    @Nullable
    OutputStream exportStream;

    Compression compression = Compression.ZSTD;
    int threads = Runtime.getRuntime().availableProcessors();
    Progress progress = Progress.NONE;

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

    public CheckpointOptions compression(Compression value) {
        compression = value;
        return this;
    }

    /** How many threads compress; at least 1. */
    public CheckpointOptions threads(int value) {
        threads = value;
        return this;
    }

    public CheckpointOptions progress(Progress value) {
        progress = value;
        return this;
    }

    boolean exports() {
        return exportFile != null || exportStream != null;
    }

    Optional<Path> exportFile() {
        return Optional.ofNullable(exportFile);
    }
}
