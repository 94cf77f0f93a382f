package dev.ctr.cli.migrate;

import dev.ctr.agent.migration.Preflight;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.cli.output.Table;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What {@code ctr migrate --dry-run} tells people: a line for each finding, and at the end what it would take. */
final class PreflightText {
    private static final double MILLIS_PER_SECOND = 1000;

    private PreflightText() {}

    static String of(Preflight preflight) {
        Table table = new Table().row("WHAT", "VERDICT", "REASON");
        for (Preflight.Item item : preflight.findings()) {
            table.row(item.what(), item.verdict().name().toLowerCase(Locale.ROOT), sentence(item));
        }
        return table.render() + "\n" + preflight.strategy() + ": " + HumanSize.of(preflight.bytes())
                + " to send, in about " + seconds(preflight.total()) + ", of which it stands still for about "
                + seconds(preflight.downtime()) + "\n";
    }

    private static String sentence(Preflight.Item item) {
        return item.reason() + (item.advice().isEmpty() ? "" : "; " + item.advice());
    }

    /** How many findings speak against it, in words. */
    static String refusals(Preflight preflight) {
        List<Preflight.Item> refused = preflight.findings().stream()
                .filter(item -> item.verdict() == Preflight.Verdict.REFUSED)
                .toList();
        return refused.size() == 1 ? sentence(refused.get(0)) : refused.size() + " findings speak against it";
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / MILLIS_PER_SECOND);
    }
}
