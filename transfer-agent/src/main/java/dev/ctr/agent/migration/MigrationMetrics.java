package dev.ctr.agent.migration;

import dev.ctr.agent.metrics.Counter;
import dev.ctr.agent.metrics.Metrics;

/** What an agent counts of the migrations to it. */
final class MigrationMetrics {
    private final Counter results;
    private final Counter bytes;

    MigrationMetrics(Metrics metrics) {
        this.results = metrics.counter("ctr_migrations_total", "Migrations to this host by their result", "result");
        this.bytes = metrics.counter("ctr_migration_received_bytes_total", "Bytes of chunks received for migrations");
    }

    void ended(boolean runs, long received) {
        results.increment(runs ? "runs" : "never-ran");
        bytes.add(received);
    }
}
