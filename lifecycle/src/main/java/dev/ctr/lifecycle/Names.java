package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The names of one root, which containers and pods share. A name is a symbolic link {@code names/NAME} to its owner's
 * directory, so that it is taken by one indivisible step and says at once by whom.
 */
final class Names {
    private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    private static final int LONGEST = 200;
    private static final int ATTEMPTS = 20;

    private final Path directory;

    Names(Path root) {
        directory = root.resolve("names");
    }

    /** What may have a name, by the directory in which it is kept. */
    enum Kind {
        CONTAINER("containers"),
        POD("pods");

        private final String directory;

        Kind(String directory) {
            this.directory = directory;
        }
    }

    /** Who has a name, existing or not. */
    record Holder(Kind kind, String id) {}

    /** @throws EngineException INVALID_ARGUMENT */
    static void check(Kind kind, String name) {
        if (!FORM.matcher(name).matches() || name.length() > LONGEST) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + name + "\" cannot name a " + (kind == Kind.POD ? "pod" : "container")
                            + ": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument");
        }
    }

    /** Empty for a name that nobody has, and for what can be no name. */
    Optional<Holder> holder(String name) throws IOException {
        if (!FORM.matcher(name).matches()) {
            return Optional.empty();
        }
        try {
            Path target = Files.readSymbolicLink(directory.resolve(name));
            for (Kind kind : Kind.values()) {
                if (target.startsWith(Path.of("..", kind.directory))) {
                    return Optional.of(new Holder(kind, target.getFileName().toString()));
                }
            }
            return Optional.empty();
        } catch (NoSuchFileException | NotLinkException e) {
            return Optional.empty();
        }
    }

    /** The ID of whoever of this kind has the name. */
    Optional<String> holder(Kind kind, String name) throws IOException {
        return holder(name).filter(holder -> holder.kind() == kind).map(Holder::id);
    }

    /** Takes a name; false when somebody has it. */
    boolean reserve(String name, Kind kind, String id) throws IOException {
        Files.createDirectories(directory);
        try {
            Files.createSymbolicLink(
                    directory.resolve(name), Path.of("..", kind.directory).resolve(id));
            Durable.syncDirectory(directory);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** Gives a name back if it is this one's. */
    void release(String name, Kind kind, String id) throws IOException {
        if (holder(name).filter(new Holder(kind, id)::equals).isPresent()) {
            Files.deleteIfExists(directory.resolve(name));
        }
    }

    /** Gives back every name that leads to this one. */
    void releaseAll(Kind kind, String id) throws IOException {
        for (String name : taken()) {
            release(name, kind, id);
        }
    }

    List<String> taken() throws IOException {
        List<String> taken = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(directory)) {
            links.forEach(link -> taken.add(link.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return taken;
    }

    /** A name of two random words that nobody has at the moment. */
    String free() throws IOException {
        SecureRandom random = new SecureRandom();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String name = NameGenerator.next(random);
            if (holder(name).isEmpty()) {
                return name;
            }
        }
        return "container_" + ContainerId.random().abbreviated();
    }
}
