package dev.ctr.cli.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.output.JsonText;
import dev.ctr.criu.DumpStatistics;
import dev.ctr.criu.RestoreStatistics;
import dev.ctr.lifecycle.CheckpointResult;
import dev.ctr.lifecycle.RestoreResult;
import java.time.Duration;

/**
 * What {@code --print-stats} prints: podman's object with {@code ctr_} in place of {@code podman_}, and the phases besides.
 * Durations are in microseconds; what is zero is left out. Used by one thread.
 */
final class Statistics {
    private static final int INDENTATION = 4;

    private final String verb;
    private final long startNanos = System.nanoTime();
    private final ArrayNode containers = JsonNodeFactory.instance.arrayNode();

    /** Begins to measure a {@code checkpoint} or {@code restore}. */
    Statistics(String verb) {
        this.verb = verb;
    }

    void add(String rawInput, CheckpointResult result) {
        ObjectNode container = container(rawInput, result.id().hex());
        put(container, "runtime_checkpoint_duration", result.runtimeDuration());
        result.statistics().ifPresent(criu -> addDump(container.putObject("criu_statistics"), criu));
        put(container, "archive_duration", result.archiveDuration());
        put(container, "archive_bytes", result.archiveBytes());
        put(container, "total_duration", result.totalDuration());
    }

    void add(String rawInput, RestoreResult result) {
        ObjectNode container = container(rawInput, result.id().hex());
        put(container, "unpack_duration", result.phases().unpack());
        put(container, "files_duration", result.phases().files());
        put(container, "prepare_duration", result.phases().prepare());
        put(container, "runtime_restore_duration", result.runtimeDuration());
        result.statistics().ifPresent(criu -> addRestore(container.putObject("criu_statistics"), criu));
        put(container, "total_duration", result.totalDuration());
    }

    String toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(
                "ctr_" + verb + "_duration",
                Duration.ofNanos(System.nanoTime() - startNanos).toNanos() / 1000);
        json.set("container_statistics", containers);
        return JsonText.indented(json, INDENTATION);
    }

    private ObjectNode container(String rawInput, String id) {
        return containers.addObject().put("Id", id).put("RawInput", rawInput);
    }

    private static void addDump(ObjectNode json, DumpStatistics criu) {
        put(json, "freezing_time", criu.freezingMicros());
        put(json, "frozen_time", criu.frozenMicros());
        put(json, "memdump_time", criu.memoryDumpMicros());
        put(json, "memwrite_time", criu.memoryWriteMicros());
        put(json, "pages_scanned", criu.pagesScanned());
        put(json, "pages_written", criu.pagesWritten());
    }

    private static void addRestore(ObjectNode json, RestoreStatistics criu) {
        put(json, "pages_compared", criu.pagesCompared());
        put(json, "pages_skipped_cow", criu.pagesSkippedCopyOnWrite());
        put(json, "forking_time", criu.forkingMicros());
        put(json, "restore_time", criu.restoreMicros());
        put(json, "pages_restored", criu.pagesRestored());
    }

    private static void put(ObjectNode json, String key, Duration duration) {
        put(json, key, duration.toNanos() / 1000);
    }

    private static void put(ObjectNode json, String key, long number) {
        if (number != 0) {
            json.put(key, number);
        }
    }
}
