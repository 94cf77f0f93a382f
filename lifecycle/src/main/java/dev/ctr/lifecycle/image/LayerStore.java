package dev.ctr.lifecycle.image;

import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Unpacked layers, {@code layers/HEX/diff}, named by the digest of the plain tar. A layer has this name only when it is
 * complete. What a layer deletes from those below is marked as overlayfs wants it.
 */
final class LayerStore {
    static final String CONTENT = "diff";

    private final Path directory;

    LayerStore(Path directory) {
        this.directory = directory;
    }

    /** The content of a layer that was unpacked before. */
    Optional<Path> find(Digest diffId) {
        Path content = directory.resolve(diffId.hex()).resolve(CONTENT);
        return Files.isDirectory(content) ? Optional.of(content) : Optional.empty();
    }

    /** A directory that nothing is ever put into. */
    Path empty() throws IOException {
        return Files.createDirectories(
                directory.resolve("empty"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
    }

    /** The lock that keeps others from unpacking the same layer meanwhile. */
    Path lockFile(Digest diffId) {
        return directory.resolve(diffId.hex() + ".lock");
    }

    /** Makes an unpacked layer one of the store's. The caller holds the store's lock. */
    Path publish(Digest diffId, Path unpacked) throws IOException {
        Path target = directory.resolve(diffId.hex());
        if (!Files.exists(target)) {
            Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE);
        }
        Durable.syncDirectory(directory);
        return target.resolve(CONTENT);
    }

    /** Moves every layer that is not in {@code needed} into {@code trash}. The caller holds the store's lock. */
    void retain(Set<Digest> needed, Path trash) throws IOException {
        try (DirectoryStream<Path> layers = Files.newDirectoryStream(directory)) {
            for (Path layer : layers) {
                String name = layer.getFileName().toString();
                String hex = name.substring(0, Math.min(name.length(), 64));
                if (Digest.isHex(hex) && !needed.contains(new Digest(hex))) {
                    Files.move(layer, trash.resolve(name), StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
    }
}
