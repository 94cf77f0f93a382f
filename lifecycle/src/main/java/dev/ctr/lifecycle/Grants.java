package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The rights to run of containers that were taken over from other hosts: a file for each hand-over, named by the digest of its token
 * and holding the container's ID. It is on the disk before the container runs, and outlasts it, so that the other host can be told
 * even if the container has ended and is gone.
 *
 * @param root the engine's root
 */
record Grants(Path root) {
    private Path directory() {
        return root.resolve("grants");
    }

    /** The file of a hand-over. */
    Path file(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return directory().resolve(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void write(String token, ContainerId id) throws IOException {
        Files.createDirectories(directory());
        Durable.writeAtomically(file(token), id.hex().getBytes(StandardCharsets.US_ASCII), ContainerStore.OWNER_ONLY);
        Durable.syncDirectory(root);
    }

    /** The container that got the right to run in this hand-over. */
    Optional<ContainerId> find(String token) throws IOException {
        Path file = file(token);
        return Files.exists(file) ? Optional.of(new ContainerId(Files.readString(file))) : Optional.empty();
    }

    void delete(String token) throws IOException {
        if (Files.deleteIfExists(file(token))) {
            Durable.syncDirectory(directory());
        }
    }
}
