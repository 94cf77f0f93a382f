package dev.ctr.lifecycle.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.criu.linux.UnixSocket;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One line that conmon sends: a number, and where the number tells a failure, a message.
 *
 * @param data a process number, or zero for "ready", or a negative number for a failure
 * @param message why; may be empty
 */
record ConmonAnswer(long data, String message) {
    /** As long as libpod waits. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final int LONGEST = 1 << 20;

    /** Looked at every second while there is no answer. */
    @FunctionalInterface
    interface Watch {
        /** Throws if there is nothing to wait for any more. */
        void look() throws IOException;
    }

    /** Waits for an answer, for some minutes. */
    static ConmonAnswer read(UnixSocket socket, String what) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        return read(socket, () -> {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "conmon did not answer within " + PATIENCE.toMinutes() + " minutes (" + what + ")");
            }
        });
    }

    /** Waits for an answer as long as the watch allows. */
    static ConmonAnswer read(UnixSocket socket, Watch watch) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] packet = new byte[1 << 16];
        while (line.size() < LONGEST) {
            while (!socket.awaitReadable(POLL)) {
                watch.look();
            }
            int read = socket.read(packet);
            if (read <= 0) {
                return new ConmonAnswer(-1, "");
            }
            line.write(packet, 0, read);
            if (packet[read - 1] == '\n') {
                break;
            }
        }
        JsonNode json = Json.MAPPER.readTree(line.toString(StandardCharsets.UTF_8));
        return new ConmonAnswer(
                json.path("data").asLong(-1), json.path("message").asText(""));
    }

    /** The number, or the failure it tells, in the runtime's own words where it left any. */
    long orThrow(Path runtimeLog) throws IOException {
        if (data >= 0) {
            return data;
        }
        String log = Files.exists(runtimeLog) ? Files.readString(runtimeLog) : "";
        String reason = RuntimeMessage.sentence(log.isBlank() ? message : log);
        throw new EngineException(RuntimeMessage.code(reason), "the OCI runtime failed: " + reason);
    }
}
