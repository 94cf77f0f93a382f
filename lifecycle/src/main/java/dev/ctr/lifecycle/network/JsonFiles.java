package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Small JSON objects in files that are replaced as a whole, so that no reader ever sees half of one. */
final class JsonFiles {
    static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private JsonFiles() {}

    /** @throws IOException if the file is missing, is not JSON, or is not an object */
    static ObjectNode read(Path file) throws IOException {
        JsonNode node = JSON.readTree(Files.readAllBytes(file));
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IOException(file + " is not a JSON object");
    }

    static void write(Path file, ObjectNode content) throws IOException {
        Path temporary = writeBeside(file, content);
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Writes the file unless it exists: of two that try at once, one wins and the other's content is dropped. */
    static void writeIfAbsent(Path file, ObjectNode content) throws IOException {
        Path temporary = writeBeside(file, content);
        try {
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException e) {
            return;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Path writeBeside(Path file, ObjectNode content) throws IOException {
        Path directory = Files.createDirectories(file.toAbsolutePath().getParent());
        Path temporary = Files.createTempFile(directory, "." + file.getFileName() + ".", ".new");
        Files.write(temporary, JSON.writeValueAsBytes(content));
        return temporary;
    }
}
