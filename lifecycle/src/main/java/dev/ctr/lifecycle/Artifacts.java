package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Small files that belong to a container and travel in its checkpoint archives; the container itself does not see them. */
final class Artifacts {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}");

    private final Path directory;

    Artifacts(ContainerPaths paths) {
        this.directory = paths.artifacts();
    }

    void add(String name, byte[] content) throws IOException {
        Path file = file(name);
        Files.createDirectories(directory);
        Durable.writeAtomically(file, content, ContainerStore.OWNER_ONLY);
    }

    byte[] get(String name) throws IOException {
        Path file = file(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw missing(name);
        }
        return Files.readAllBytes(file);
    }

    void remove(String name) throws IOException {
        try {
            Files.delete(file(name));
        } catch (NoSuchFileException e) {
            throw missing(name);
        }
    }

    private Path file(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + name + "\" cannot name an artifact: names must match " + NAME + ": invalid argument");
        }
        return directory.resolve(name);
    }

    private static EngineException missing(String name) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT, "the container has no artifact \"" + name + "\"");
    }
}
