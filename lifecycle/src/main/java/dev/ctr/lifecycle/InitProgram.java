package dev.ctr.lifecycle;

import dev.ctr.lifecycle.runtime.OciRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The small program of the host that a container may have as its first process, in front of its own. */
final class InitProgram {
    /** Where the container has it; libpod's place. */
    static final String PLACE = "/run/podman-init";

    private static final List<Path> PODMANS =
            List.of(Path.of("/usr/libexec/podman/catatonit"), Path.of("/usr/lib/podman/catatonit"));
    private static final List<String> NAMES = List.of("catatonit", "tini-static", "tini", "dumb-init");

    private InitProgram() {}

    /**
     * Finds it on this host.
     *
     * @param chosen a program that was named in place of those known
     * @throws EngineException with INVALID_ARGUMENT if there is none
     */
    static Path find(Optional<Path> chosen) {
        if (chosen.isPresent()) {
            if (!Files.isExecutable(chosen.get()) || Files.isDirectory(chosen.get())) {
                throw notFound(chosen.get() + " is no program");
            }
            return chosen.get().toAbsolutePath();
        }
        Stream<Path> inPath = NAMES.stream()
                .flatMap(name -> Arrays.stream(OciRuntime.searchPath().split(":", -1))
                        .filter(directory -> !directory.isEmpty())
                        .map(directory -> Path.of(directory, name)));
        return Stream.concat(PODMANS.stream(), inPath)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> notFound("install catatonit or tini, or name a program by --init-path"));
    }

    private static EngineException notFound(String why) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT, "container-init binary not found on the host: " + why);
    }
}
