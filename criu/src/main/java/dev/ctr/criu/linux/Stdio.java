package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where one of a child's standard streams leads. */
public final class Stdio {
    private static final Stdio INHERIT = new Stdio(Optional.empty(), Optional.empty());
    private static final Stdio DISCARD = file(Path.of("/dev/null"));

    private final Optional<Path> file;
    private final Optional<Descriptor> descriptor;

    private Stdio(Optional<Path> file, Optional<Descriptor> descriptor) {
        this.file = file;
        this.descriptor = descriptor;
    }

    /** Empty input, output to nowhere. */
    public static Stdio discard() {
        return DISCARD;
    }

    /** This process's own stream. */
    public static Stdio inherit() {
        return INHERIT;
    }

    /** A file: read from its start, or appended to and made (mode 0600) when it is missing. */
    public static Stdio file(Path file) {
        return new Stdio(Optional.of(file), Optional.empty());
    }

    /** A copy of a descriptor, which the caller still owns and closes. */
    public static Stdio descriptor(Descriptor descriptor) {
        return new Stdio(Optional.empty(), Optional.of(descriptor));
    }

    boolean inherited() {
        return file.isEmpty() && descriptor.isEmpty();
    }

    boolean ownsWhatItOpens() {
        return file.isPresent();
    }

    /** The descriptor to copy; opened here, and to be closed by the caller, if this is a file. */
    Descriptor open(boolean forReading) throws IOException {
        if (descriptor.isPresent()) {
            return descriptor.get();
        }
        return Descriptor.open(
                file.orElseThrow(), forReading ? LibC.O_RDONLY : LibC.O_WRONLY | LibC.O_APPEND | LibC.O_CREAT);
    }
}
