package dev.ctr.lifecycle;

import java.nio.file.Path;

/**
 * Where one container's files are. {@code directory} lasts; {@code runDirectory} ends with the boot.
 *
 * <pre>
 * root/containers/ID/            lock  container.json  state.json
 *   bundle/                      config.json  ctr.log  checkpoint/  dump.log  restore.log …
 *   layer/                       upper/  work/
 *   merged/                      the mounted root file system
 *   overlays/NAME/               upper/  work/  merged/ of what is mounted besides under an overlay
 * runroot/containers/ID/         pidfile  conmon.pid  oci-log  netns  cni/  hosts  hostname  resolv.conf  shm/
 * runroot/exits/ID               the exit code, written by conmon
 * runroot/runtime/               the OCI runtime's own state
 * </pre>
 */
record ContainerPaths(ContainerId id, Path root, Path runRoot) {
    Path directory() {
        return root.resolve("containers").resolve(id.hex());
    }

    Path lock() {
        return directory().resolve("lock");
    }

    /** Locked by a process that is attached and removes the container itself when it has ended. */
    Path attached() {
        return directory().resolve("attached");
    }

    Path configuration() {
        return directory().resolve("container.json");
    }

    Path state() {
        return directory().resolve("state.json");
    }

    Path bundle() {
        return directory().resolve("bundle");
    }

    Path log() {
        return bundle().resolve("ctr.log");
    }

    /** The log file that a container is configured to have. */
    Path log(ContainerConfig config) {
        return config.logPath().orElse(log());
    }

    Path checkpoint() {
        return bundle().resolve("checkpoint");
    }

    /** Files that a caller added; see {@link Artifacts}. */
    Path artifacts() {
        return bundle().resolve("artifacts");
    }

    Path upper() {
        return directory().resolve("layer").resolve("upper");
    }

    Path work() {
        return directory().resolve("layer").resolve("work");
    }

    Path merged() {
        return directory().resolve("merged");
    }

    /** A directory for each overlay that the container mounts besides its root file system. */
    Path overlays() {
        return directory().resolve("overlays");
    }

    Path runDirectory() {
        return runRoot.resolve("containers").resolve(id.hex());
    }

    Path networkNamespace() {
        return runDirectory().resolve("netns");
    }

    Path networkState() {
        return runDirectory().resolve("cni");
    }

    Path shm() {
        return runDirectory().resolve("shm");
    }

    Path pidFile() {
        return runDirectory().resolve("pidfile");
    }

    Path conmonPidFile() {
        return runDirectory().resolve("conmon.pid");
    }

    Path runtimeLog() {
        return runDirectory().resolve("oci-log");
    }

    /** The directory into which conmon puts exit codes, one file a container. */
    Path exits() {
        return runRoot.resolve("exits");
    }

    Path exitCode() {
        return exits().resolve(id.hex());
    }
}
