package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reads what conmon has written into systemd's journal for a container, by {@code journalctl} (journalctl(1), conmon's ctr_logging.c). */
final class JournalReader {
    /** Where the journal takes entries. */
    static final Path SOCKET = Path.of("/run/systemd/journal/socket");

    private static final long POLL_MILLIS = 200;
    private static final int ERRORS = 3;

    private final ContainerId id;
    private final LogOptions options;
    private String cursor = "";

    JournalReader(ContainerId id, LogOptions options) {
        this.id = id;
        this.options = options;
    }

    static boolean isRunning() {
        return Files.exists(SOCKET);
    }

    /** As {@link LogReader#read}. */
    void read(Consumer<LogLine> sink, BooleanSupplier ended) throws IOException, InterruptedException {
        if (options.tail() < 0) {
            readNew(sink);
        } else {
            Deque<LogLine> last = new ArrayDeque<>();
            readNew(line -> {
                last.addLast(line);
                if (last.size() > options.tail()) {
                    last.removeFirst();
                }
            });
            last.forEach(sink);
        }
        boolean goOn = options.follow();
        while (goOn) {
            goOn = !ended.getAsBoolean();
            readNew(sink);
            Thread.sleep(goOn ? POLL_MILLIS : 0);
        }
    }

    private void readNew(Consumer<LogLine> sink) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("journalctl", "--quiet", "--no-pager", "--output=json", "CONTAINER_ID_FULL=" + id.hex()));
        if (!cursor.isEmpty()) {
            command.add("--after-cursor=" + cursor);
        }
        Process journalctl = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        journalctl.getOutputStream().close();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(journalctl.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode entry = Json.MAPPER.readTree(line);
                cursor = entry.path("__CURSOR").asText(cursor);
                LogLine log = parse(entry);
                if (options.includes(log)) {
                    sink.accept(log);
                }
            }
        } finally {
            journalctl.destroy();
        }
        journalctl.waitFor();
    }

    private static LogLine parse(JsonNode entry) throws IOException {
        long micros = entry.path("__REALTIME_TIMESTAMP").asLong();
        Instant time = Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000);
        String stream = entry.path("PRIORITY").asInt() == ERRORS ? "stderr" : "stdout";
        return new LogLine(
                time.atOffset(ZoneOffset.UTC),
                stream,
                entry.path("CONTAINER_PARTIAL_MESSAGE").asBoolean(),
                bytes(entry.path("MESSAGE")));
    }

    /** A text, or the numbers of its bytes where it is not UTF-8. */
    private static byte[] bytes(JsonNode message) {
        if (!message.isArray()) {
            return message.asText("").getBytes(StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[message.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) message.get(i).asInt();
        }
        return bytes;
    }
}
