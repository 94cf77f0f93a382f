package dev.ctr.lifecycle;

import dev.ctr.criu.CriuConfigurationFile;
import dev.ctr.criu.GateScript;
import dev.ctr.lifecycle.network.BridgePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Lets a container whose connections are restored join its networks only when they are back and before its program runs: a packet
 * that came in earlier would be answered by a reset. An action script does it (CRIU documentation, "Action scripts", {@code
 * post-restore}), so that it is done also if this process is gone by then.
 *
 * @param script the action script
 */
record LateJoin(Path script) {
    /**
     * Writes the script for a container that is attached to its networks, and held off them.
     *
     * @param pausing what CRIU is to run besides, if the container is to be paused
     */
    static LateJoin write(LockedContainer container, Optional<Path> pausing) throws IOException {
        Path script = container.paths().runDirectory().resolve("join");
        Files.deleteIfExists(script);
        Files.createFile(script, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(script, """
                #!/bin/sh
                case "$CRTOOLS_SCRIPT_ACTION" in
                post-restore)
                %s
                ;;
                pre-resume)
                %s
                exit ;;
                esac
                exit 0
                """.formatted(
                        ports(container).joinCommands(),
                        pausing.map(path -> "exec " + GateScript.quoted(path.toString()))
                                .orElse(":")));
        return new LateJoin(script);
    }

    private static BridgePorts ports(LockedContainer container) {
        return container.engine().networks().ports(container.paths().networkState());
    }

    /** Does what the script may not have come to, when the restored program runs. May be done again. */
    static void finish(LockedContainer container) throws IOException, InterruptedException {
        BridgePorts.run(ports(container).joinCommands());
    }

    CriuConfigurationFile addTo(CriuConfigurationFile file) {
        return file.with("action-script", script.toString());
    }

    void delete() throws IOException {
        Files.deleteIfExists(script);
    }
}
