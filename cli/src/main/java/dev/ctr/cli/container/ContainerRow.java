package dev.ctr.cli.container;

import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.ContainerConfig;
import dev.ctr.lifecycle.ContainerState;
import dev.ctr.lifecycle.ContainerSummary;
import java.time.Instant;
import java.util.Optional;

/**
 * A container of this host that {@code ctr ps} may show.
 *
 * @param config what it is
 * @param state how it is
 * @param podName its pod's name, if that is asked for; else empty
 * @param sizes of its files, if asked for
 * @param now when that was
 */
record ContainerRow(
        ContainerConfig config, ContainerState state, String podName, Optional<SummaryRow.Sizes> sizes, Instant now) {
    Report.Row toRow(boolean truncate) {
        return new SummaryRow(ContainerSummary.of(config, state), podName, sizes, now).toRow(truncate);
    }
}
