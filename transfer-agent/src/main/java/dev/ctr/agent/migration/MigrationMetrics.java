package dev.ctr.agent.migration;

import dev.ctr.agent.metrics.Counter;
import dev.ctr.agent.metrics.Histogram;
import dev.ctr.agent.metrics.Metrics;
import dev.ctr.proto.migration.ControlRequest;
import dev.ctr.proto.migration.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What an agent counts of the migrations to it. Safe for concurrent use. */
final class MigrationMetrics {
    private static final List<Double> PHASES =
            List.of(0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0);
    private static final List<Double> DOWNTIMES =
            List.of(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0, 10.0, 30.0);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MICROS_PER_SECOND = 1e6;

    private final Counter results;
    private final Counter bytes;
    private final Histogram phases;
    private final Histogram downtimes;

    MigrationMetrics(Metrics metrics) {
        this.results = metrics.counter("ctr_migrations_total", "Migrations to this host by their result.", "result");
        this.bytes = metrics.counter("ctr_migration_received_bytes_total", "Bytes of chunks received for migrations.");
        this.phases = metrics.histogram(
                "ctr_migration_phase_seconds", "How long a step of a migration took here.", PHASES, "phase");
        this.downtimes = metrics.histogram(
                "ctr_migration_downtime_seconds",
                "How long a container that runs here now stood still, by its source's clock.",
                DOWNTIMES);
    }

    void ended(Outcome outcome, long received) {
        results.increment(outcome.getWord() == Outcome.Word.RUNS ? "runs" : "never-ran");
        bytes.add(received);
    }

    void took(ControlRequest.RequestCase step, Duration time) {
        phases.observe(time.toNanos() / NANOS_PER_SECOND, step.name().toLowerCase(Locale.ROOT));
    }

    /** @param micros as the source tells; 0 if it does not, and a peer may tell anything */
    void stoodStill(long micros) {
        if (micros > 0) {
            downtimes.observe(micros / MICROS_PER_SECOND);
        }
    }
}
