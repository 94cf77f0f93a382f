package dev.ctr.lifecycle;

import dev.ctr.archive.Identities;
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
    String pod;

    @Nullable
    Path rootfs;

    @Nullable
    List<PortMapping> ports;

    @Nullable
    FilesArrived filesArrived;

    List<Path> importPrevious = List.of();
    Progress progress = Progress.NONE;
    Identities identities = Identities.NONE;
    RestorePolicy policy = RestorePolicy.DEFAULT;

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

    /**
     * Restores a member of a pod into this pod, which must share the namespaces that its pod shared.
     *
     * @param value the pod's name, full ID or unambiguous beginning of an ID
     */
    public RestoreOptions pod(String value) {
        pod = value;
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

    /** Opens an encrypted archive with these secret keys. */
    public RestoreOptions identities(Identities value) {
        identities = value;
        return this;
    }

    /** What an archive may ask of this host; otherwise {@link RestorePolicy#DEFAULT}. */
    public RestoreOptions policy(RestorePolicy value) {
        policy = value;
        return this;
    }

    /** Takes levels of the chain that the archive's checkpoint rests on from these archives, which may come in any order. */
    public RestoreOptions importPrevious(List<Path> archives) {
        importPrevious = List.copyOf(archives);
        return this;
    }

    /** Takes the root file system's changes and the volumes from what has arrived ahead, in place of the archive's. */
    public RestoreOptions filesArrived(FilesArrived value) {
        filesArrived = value;
        return this;
    }

    public RestoreOptions progress(Progress value) {
        progress = value;
        return this;
    }
}
