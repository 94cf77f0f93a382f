package dev.ctr.lifecycle;

import dev.ctr.criu.CriuConfigurationFile;
import dev.ctr.lifecycle.runtime.Cgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Lets a container that was paused when it was checkpointed come back paused, without an instruction of its program run
 * before: an action script freezes the cgroup when CRIU has restored everything and is about to let it go on (CRIU
 * documentation, "Action scripts", {@code pre-resume}). CRIU and the script are in that cgroup themselves, where the runtime
 * has put them, so they leave it first. The runtime finds such a container paused.
 */
final class PausedResume {
    private static final String SCRIPT = """
            #!/bin/sh
            [ "$CRTOOLS_SCRIPT_ACTION" = pre-resume ] || exit 0
            freeze() {
                [ -e "$2/$3" ] || return 0
                echo "$PPID" >"$1/cgroup.procs" && echo $$ >"$1/cgroup.procs" && echo "$4" >"$2/$3" && exit 0
            }
            """;

    private final LockedContainer container;
    private final Path script;

    PausedResume(LockedContainer container) {
        this.container = container;
        this.script = container.paths().runDirectory().resolve("freeze");
    }

    private boolean isWanted() {
        return container.state().pausedInCheckpoint();
    }

    /** Adds what CRIU needs to be told, if the container is to be paused. */
    CriuConfigurationFile addTo(CriuConfigurationFile file) throws IOException {
        Optional<Path> prepared = prepare();
        return prepared.isPresent() ? file.with("action-script", prepared.get().toString()) : file;
    }

    /** Writes the script that CRIU is to run, if the container is to be paused. */
    Optional<Path> prepare() throws IOException {
        if (!isWanted()) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder(SCRIPT);
        Cgroup cgroup = container.engine().cgroup(container.config());
        // The first version's freezer wins, because the runtime uses it where a host has both.
        append(text, cgroup, "freezer.state", "FROZEN");
        append(text, cgroup, "cgroup.freeze", "1");
        Files.deleteIfExists(script);
        Files.createFile(script, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(script, text);
        return Optional.of(script);
    }

    private static void append(StringBuilder text, Cgroup cgroup, String file, String word) throws IOException {
        for (Path top : Cgroup.hierarchies()) {
            text.append(String.join(" ", "freeze", quoted(top.toString()), quoted(top + cgroup.path()), file, word))
                    .append('\n');
        }
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** Makes sure that a restored container is paused if it is to be. */
    void finish() throws IOException {
        if (isWanted()) {
            Files.deleteIfExists(script);
            boolean paused = container
                    .runtime()
                    .state(container.id())
                    .filter(report -> report.status().equals("paused"))
                    .isPresent();
            if (!paused) {
                container.runtime().pause(container.id());
            }
        }
    }
}
