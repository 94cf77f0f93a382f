package dev.ctr.cli.migrate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.agent.migration.MigrationRecord;
import dev.ctr.agent.migration.MigrationResult;
import dev.ctr.agent.migration.Preflight;
import dev.ctr.agent.migration.Round;
import java.util.Locale;

/** The JSON of {@code ctr migrate}: sizes in bytes, times in milliseconds. */
final class MigrationJson {
    private MigrationJson() {}

    static ObjectNode of(MigrationResult result) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("migration", result.migration().hex())
                .put("container", result.container())
                .put("strategy", result.strategy());
        ArrayNode rounds = json.putArray("rounds");
        for (Round round : result.rounds()) {
            rounds.addObject()
                    .put("bytes_sent", round.bytesSent())
                    .put("pages_sent", round.pagesSent())
                    .put("pages_dirty", round.pagesDirty())
                    .put("millis", round.millis());
        }
        return json.put("bytes_sent", result.bytesSent())
                .put("bytes_memory", result.bytesMemory())
                .put("bytes_rootfs", result.bytesRootfs())
                .put("bytes_volumes", result.bytesVolumes())
                .put("frozen_ms", result.frozen().toMillis())
                .put("downtime_ms", result.downtime().toMillis())
                .put("total_ms", result.total().toMillis())
                .put("result", "migrated");
    }

    static ObjectNode of(Preflight preflight) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode findings = json.putArray("findings");
        for (Preflight.Item item : preflight.findings()) {
            findings.addObject()
                    .put("what", item.what())
                    .put("verdict", item.verdict().name().toLowerCase(Locale.ROOT))
                    .put("reason", item.reason())
                    .put("advice", item.advice());
        }
        return json.put("granted", preflight.isGranted())
                .put("strategy", preflight.strategy())
                .put("bytes", preflight.bytes())
                .put("total_ms", preflight.total().toMillis())
                .put("downtime_ms", preflight.downtime().toMillis());
    }

    static ObjectNode of(MigrationRecord entry, boolean inDoubt) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("migration", entry.migration().hex())
                .put("side", entry.side().word())
                .put("state", entry.state().word())
                .put("in_doubt", inDoubt)
                .put("epoch", entry.epoch())
                .put("container", entry.container())
                .put("name", entry.name())
                .put("new_container", entry.newContainer())
                .put("peer", entry.peer())
                .put("address", entry.address())
                .put("strategy", entry.strategy())
                .put("reason", entry.reason())
                .put("begun", entry.begun().toString())
                .put("changed", entry.changed().toString());
    }
}
