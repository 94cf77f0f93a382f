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

    private Estimate() {}

    /** @param image the bytes of the image that would be sent */
    static Preflight of(Description container, MigrateOptions options, List<Finding> findings, long image) {
        long volumes =
                container.getVolumesList().stream().mapToLong(Volume::getBytes).sum();
        long bytes = container.getMemoryBytes() + container.getRootfsBytes() + volumes;
        boolean rounds = options.strategy == StrategyChoice.PRE_COPY
                || (options.strategy == StrategyChoice.AUTO && !prefersCold(container, options));
        return new Preflight(
                findings.stream().map(Estimate::item).toList(),
                (rounds ? StrategyChoice.PRE_COPY : StrategyChoice.COLD).word(),
                bytes + image,
                FIXED.plus(sending(bytes + image, options)),
                FIXED.plus(sending(
                        FileRounds.inTheFreeze(container) + (rounds ? 0 : container.getMemoryBytes()), options)));
    }

    /** How long it takes to send so many bytes. */
    private static Duration sending(long bytes, MigrateOptions options) {
        Duration limited = options.bandwidth.timeFor(bytes);
        Duration unlimited = Duration.ofMillis(bytes / BYTES_PER_MILLI);
        return limited.compareTo(unlimited) > 0 ? limited : unlimited;
    }

    /** Whether moving the memory after the freeze costs no more than the downtime that is granted. */
    static boolean prefersCold(Description container, MigrateOptions options) {
        return sending(container.getMemoryBytes(), options).compareTo(options.downtime) <= 0;
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
