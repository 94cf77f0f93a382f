package dev.ctr.agent.migration;

import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.Volume;
import java.time.Duration;
import java.util.List;

/** What a migration would take, from what is known before it. */
final class Estimate {
    /** Of a fast link and two hosts that restore while they receive. */
    private static final long BYTES_PER_MILLI = 400_000;

    /** Freezing, CRIU on both sides, and the two round trips. */
    static final Duration FIXED = Duration.ofMillis(350);

    private static final long FIXED_MILLIS = FIXED.toMillis();

    private Estimate() {}

    static Preflight of(Description container, MigrateOptions options, List<Finding> findings) {
        long volumes =
                container.getVolumesList().stream().mapToLong(Volume::getBytes).sum();
        long bytes = container.getMemoryBytes() + container.getRootfsBytes() + volumes;
        boolean image = findings.stream()
                .anyMatch(finding ->
                        finding.getWhat().equals("image") && finding.getReason().endsWith("will be sent"));
        long ahead = image ? container.getImageBytes() : 0;
        Duration cold = coldDowntime(container);
        boolean rounds = options.strategy == StrategyChoice.PRE_COPY
                || (options.strategy == StrategyChoice.AUTO && !prefersCold(container, options));
        return new Preflight(
                findings.stream().map(Estimate::item).toList(),
                bytes + ahead,
                Duration.ofMillis(FIXED_MILLIS + (bytes + ahead) / BYTES_PER_MILLI),
                rounds ? Duration.ofMillis(FIXED_MILLIS + FileRounds.inTheFreeze(container) / BYTES_PER_MILLI) : cold);
    }

    /** Whether moving the memory after the freeze costs no more than the downtime that is granted. */
    static boolean prefersCold(Description container, MigrateOptions options) {
        return container.getMemoryBytes() / BYTES_PER_MILLI <= options.downtime.toMillis();
    }

    /** How long it would stand still if all its memory moved then. */
    static Duration coldDowntime(Description container) {
        long bytes = container.getMemoryBytes() + FileRounds.inTheFreeze(container);
        return Duration.ofMillis(FIXED_MILLIS + bytes / BYTES_PER_MILLI);
    }

    private static Preflight.Item item(Finding finding) {
        return new Preflight.Item(
                finding.getWhat(),
                switch (finding.getVerdict()) {
                    case OK -> Preflight.Verdict.OK;
                    case WARNING -> Preflight.Verdict.WARNING;
                    default -> Preflight.Verdict.REFUSED;
                },
                finding.getReason(),
                finding.getAdvice());
    }
}
