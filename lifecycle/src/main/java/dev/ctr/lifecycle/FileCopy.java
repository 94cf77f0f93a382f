package dev.ctr.lifecycle;

import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.Compression;
import dev.ctr.archive.ExtractionOptions;
import dev.ctr.archive.TarExtractor;
import dev.ctr.archive.TarTree;
import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.lifecycle.ContainerRoot.Extent;
import dev.ctr.lifecycle.storage.TarPipe;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Copies files into containers, out of them, and between them, as {@code podman cp} does: a tar of the source is unpacked at the
 * destination while it is written. Both ends are descriptors of root directories (the container's, or the host's), below which
 * every path is resolved; no container can lead a copy out of its own root.
 */
final class FileCopy {
    private static final String HOST = "on the host";

    private final CopyOptions options;

    FileCopy(CopyOptions options) {
        this.options = options;
    }

    /**
     * An end of a copy whose root is open.
     *
     * @param path below the root
     * @param shown the path as messages name it
     */
    private record End(
            DirectoryDescriptor root, String path, String shown, String where, Optional<ContainerConfig> container) {
        EngineException missing(IOException cause) {
            return new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + shown + "\" could not be found " + where + ": no such file or directory",
                    cause);
        }

        boolean meansContent() {
            return path.endsWith("/.");
        }

        FilePlace resolve() throws IOException {
            try {
                return FilePlace.resolve(root, path);
            } catch (IOException e) {
                if (FilePlace.isMissing(e)) {
                    throw missing(e);
                }
                throw e;
            }
        }
    }

    /** Copies; returns what was left out, a sentence each. */
    List<String> copy(CopyLocation from, CopyLocation to) throws IOException, InterruptedException {
        boolean sameContainer = from instanceof CopyLocation.InContainer a
                && to instanceof CopyLocation.InContainer b
                && a.container().id().equals(b.container().id());
        if (sameContainer) {
            return using(from, source -> copy(source, at(to, source.root(), source.container())));
        }
        // Locks are taken in the order of IDs, so that two copies in opposite directions do not wait for each other.
        if (rank(from).compareTo(rank(to)) <= 0) {
            return using(from, source -> using(to, target -> copy(source, target)));
        }
        return using(to, target -> using(from, source -> copy(source, target)));
    }

    private static String rank(CopyLocation location) {
        return location instanceof CopyLocation.InContainer inside
                ? inside.container().id().hex()
                : "";
    }

    private interface WithEnd<T> {
        T run(End end) throws IOException, InterruptedException;
    }

    private static <T> T using(CopyLocation location, WithEnd<T> action) throws IOException, InterruptedException {
        if (location instanceof CopyLocation.InContainer inside) {
            return ContainerRoot.using(
                    inside.container(),
                    Extent.ALL_MOUNTS,
                    (root, config) -> action.run(at(location, root, Optional.of(config))));
        }
        try (DirectoryDescriptor root = DirectoryDescriptor.open(Path.of("/"))) {
            return action.run(at(location, root, Optional.empty()));
        }
    }

    private static End at(CopyLocation location, DirectoryDescriptor root, Optional<ContainerConfig> container) {
        if (location instanceof CopyLocation.OnHost host) {
            return new End(root, host.absolute(), host.path(), HOST, container);
        }
        String path = location.path().startsWith("/") ? location.path() : "/" + location.path();
        String where = container.map(config -> "on container " + config.name()).orElse(HOST);
        return new End(root, path, path, where, container);
    }

    private List<String> copy(End from, End to) throws IOException, InterruptedException {
        try (FilePlace source = from.resolve();
                Destination target = destination(to)) {
            if (!source.exists()) {
                throw from.missing(new NoSuchFileException(from.path()));
            }
            boolean isDirectory = source.isDirectory();
            if (isDirectory && target.isFile()) {
                throw new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        "destination must be a directory when copying a directory");
            }
            boolean contentOnly = from.meansContent() && target.newName().isEmpty();
            String name = contentOnly ? "" : target.newName().orElse(source.baseName());
            TarTree.Devices devices = to.container().isPresent() ? TarTree.Devices.KEEP : TarTree.Devices.LEAVE_OUT;
            return TarPipe.run(
                    out -> write(source, isDirectory, name, new TarTree(out, devices)),
                    in -> TarExtractor.extract(in, from.path(), target.directory(), extraction(to)));
        }
    }

    /**
     * Where a copy goes.
     *
     * @param directory the directory that it is put in
     * @param newName the name that it gets there, unless it keeps its own
     * @param isFile whether something is there that is no directory
     */
    private record Destination(DirectoryDescriptor directory, Optional<String> newName, boolean isFile)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            directory.close();
        }
    }

    private static Destination destination(End to) throws IOException {
        FilePlace place = to.resolve();
        if (place.isDirectory()) {
            try (place) {
                return new Destination(place.descend(), Optional.empty(), false);
            }
        }
        boolean exists = place.exists();
        if (to.path().endsWith("/") || to.meansContent()) {
            try (place) {
                throw to.missing(new NoSuchFileException(to.path()));
            }
        }
        return new Destination(place.directory(), Optional.of(place.name().toString()), exists);
    }

    private static List<String> write(FilePlace source, boolean isDirectory, String name, TarTree tar)
            throws IOException {
        if (isDirectory) {
            try (DirectoryDescriptor directory = source.descend()) {
                tar.addDirectory(directory, name, true);
            }
        } else {
            tar.addFile(source.directory(), source.name(), name);
        }
        tar.finish();
        return tar.warnings();
    }

    private ExtractionOptions extraction(End to) throws IOException {
        ExtractionOptions extraction =
                options.overwrite() ? ExtractionOptions.EXACT : ExtractionOptions.EXACT.withoutMixedKinds();
        if (!options.chown()) {
            return extraction;
        }
        if (to.container().isEmpty()) {
            return extraction.withoutOwners();
        }
        RootUsers.User user =
                RootUsers.of(to.root().path()).find(to.container().get().user());
        return extraction.with(new ExtractionOptions.Owner(user.uid(), user.gid()));
    }

    /** Writes a tar of a file or directory of a container; returns what was left out. */
    List<String> toArchive(CopyLocation.InContainer from, OutputStream out) throws IOException, InterruptedException {
        return using(from, end -> {
            try (FilePlace source = end.resolve()) {
                if (!source.exists()) {
                    throw end.missing(new NoSuchFileException(end.path()));
                }
                String base = source.baseName();
                return write(
                        source,
                        source.isDirectory(),
                        end.meansContent() ? "" : base,
                        new TarTree(out, TarTree.Devices.KEEP));
            }
        });
    }

    /** Unpacks a tar, compressed or not, into a directory of a container; returns what was left out. */
    List<String> fromArchive(InputStream tar, CopyLocation.InContainer to) throws IOException, InterruptedException {
        return using(to, end -> {
            try (Destination target = archiveDestination(end);
                    InputStream plain = Compression.decompress(new BufferedInputStream(tar), "standard input")) {
                return TarExtractor.extract(plain, "the archive", target.directory(), extraction(end))
                        .warnings();
            } catch (ArchiveException e) {
                throw notAnArchive(e);
            }
        });
    }

    private static Destination archiveDestination(End end) throws IOException {
        Destination target;
        try {
            target = destination(end);
        } catch (EngineException missing) {
            throw notADirectory();
        }
        if (target.newName().isPresent()) {
            target.close();
            throw notADirectory();
        }
        return target;
    }

    private static EngineException notAnArchive(ArchiveException e) {
        String message = e.code() == ArchiveException.Code.NOT_AN_ARCHIVE
                ? "source must be a (compressed) tar archive when copying from stdin"
                : String.valueOf(e.getMessage());
        return new EngineException(EngineException.Code.BAD_ARCHIVE, message, e);
    }

    private static EngineException notADirectory() {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT, "destination must be a directory when copying from stdin");
    }
}
