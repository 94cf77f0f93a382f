package dev.ctr.agent.migration;

import java.time.Duration;
import java.util.List;

/**
 * Whether a migration would work, and what it would take.
 *
 * @param findings what was looked at
 * @param strategy what it would be sent by: {@code cold} or {@code pre-copy}
 * @param bytes how much would have to be sent, at most
 * @param total how long it would take, at most
 * @param downtime how long the container would stand still, about
 */
public record Preflight(List<Item> findings, String strategy, long bytes, Duration total, Duration downtime) {
    public Preflight {
        findings = List.copyOf(findings);
    }

    /** How a finding bears on the migration. */
    public enum Verdict {
        OK,
        WARNING,
        REFUSED
    }

    /**
     * One finding.
     *
     * @param what what was looked at: a stable word
     * @param verdict how it bears on the migration
     * @param reason a sentence
     * @param advice what to do; empty if there is nothing to do
     */
    public record Item(String what, Verdict verdict, String reason, String advice) {}

    /** Whether nothing speaks against it. */
    public boolean isGranted() {
        return findings.stream().noneMatch(item -> item.verdict() == Verdict.REFUSED);
    }
}
