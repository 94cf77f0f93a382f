package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Durable;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Writes small JSON objects into files that are replaced as a whole, so that no reader ever sees half of one. */
final class JsonFiles {
    private JsonFiles() {}

    static void write(Path file, ObjectNode content) throws IOException {
        Path temporary = writeBeside(file, content, false);
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Writes the file for good unless it exists: of two that try at once, one wins and the other's content is dropped.
     *
     * @return whether this content is the file's
     */
    static boolean writeIfAbsent(Path file, ObjectNode content) throws IOException {
        Path temporary = writeBeside(file, content, true);
        try {
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(temporary);
        }
        Durable.syncDirectory(directory(file));
        return true;
    }

    private static Path writeBeside(Path file, ObjectNode content, boolean forced) throws IOException {
        Path directory = Files.createDirectories(directory(file));
        Path temporary = Files.createTempFile(directory, "." + file.getFileName() + ".", ".new");
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer remaining = ByteBuffer.wrap(Json.pretty(content));
            while (remaining.hasRemaining()) {
                channel.write(remaining);
            }
            if (forced) {
                channel.force(true);
            }
            return temporary;
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    private static Path directory(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }
}
