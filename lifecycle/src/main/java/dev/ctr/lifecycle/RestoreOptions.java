package dev.ctr.lifecycle;

import dev.ctr.lifecycle.network.PortMapping;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How to restore a container. A mutable builder: set what differs from the defaults, then hand it over. */
public final class RestoreOptions {
    boolean keep;
    boolean tcpEstablished;
    boolean tcpClose;
    boolean fileLocks;
    boolean ignoreRootfs;
    boolean ignoreVolumes;
    boolean ignoreStaticIp;
    boolean ignoreStaticMac;
    boolean archiveRuntime;
    CriuFlags criu = CriuFlags.NONE;

    @Nullable
    String name;

    @Nullable
    Path rootfs;

    @Nullable
    List<PortMapping> ports;

    Progress progress = Progress.NONE;

    /** Keeps the checkpoint and CRIU's logs, so that it can be restored from again. */
    public RestoreOptions keep(boolean value) {
        keep = value;
        return this;
    }

    /** Restores established TCP connections; needed when the checkpoint has any. */
    public RestoreOptions tcpEstablished(boolean value) {
        tcpEstablished = value;
        return this;
    }

    /** Closes the TCP connections that the checkpoint has. */
    public RestoreOptions tcpClose(boolean value) {
        tcpClose = value;
        return this;
    }

    public RestoreOptions fileLocks(boolean value) {
        fileLocks = value;
        return this;
    }

    /** What CRIU may do besides; what was needed of it for the dump may be needed again. */
    public RestoreOptions criu(CriuFlags value) {
        criu = value;
        return this;
    }

    /**
     * Restores an archive with the runtime that it was made with, where that is another than the engine's own and is installed;
     * without it such an archive is refused.
     */
    public RestoreOptions archiveRuntime(boolean value) {
        archiveRuntime = value;
        return this;
    }

    /** Does not apply the archive's changes to the root file system. */
    public RestoreOptions ignoreRootfs(boolean value) {
        ignoreRootfs = value;
        return this;
    }

    /** Does not restore the content of volumes, and uses existing ones of the same name. */
    public RestoreOptions ignoreVolumes(boolean value) {
        ignoreVolumes = value;
        return this;
    }

    /** Takes any free address instead of the container's own, from now on. */
    public RestoreOptions ignoreStaticIp(boolean value) {
        ignoreStaticIp = value;
        return this;
    }

    /** Takes any MAC address instead of the container's own, from now on. */
    public RestoreOptions ignoreStaticMac(boolean value) {
        ignoreStaticMac = value;
        return this;
    }

    /** Restores an archive as a new container with this name and a new ID, address and MAC. */
    public RestoreOptions name(String value) {
        name = value;
        return this;
    }

    /** Uses this directory as the root file system, in place of the one that the archive names. */
    public RestoreOptions rootfs(Path value) {
        rootfs = value;
        return this;
    }

    /** Publishes these ports in place of the archive's. */
    public RestoreOptions ports(List<PortMapping> value) {
        ports = List.copyOf(value);
        return this;
    }

    public RestoreOptions progress(Progress value) {
        progress = value;
        return this;
    }
}
