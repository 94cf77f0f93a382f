package dev.ctr.agent.migration;

import dev.ctr.proto.migration.Finding;
import java.util.ArrayList;
import java.util.List;

/** Collects what a look at a host has found. Used by one thread. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    void ok(String what, String reason) {
        add(what, Finding.Verdict.OK, reason, "");
    }

    void warning(String what, String reason, String advice) {
        add(what, Finding.Verdict.WARNING, reason, advice);
    }

    void refused(String what, String reason, String advice) {
        add(what, Finding.Verdict.REFUSED, reason, advice);
    }

    private void add(String what, Finding.Verdict verdict, String reason, String advice) {
        all.add(Finding.newBuilder()
                .setWhat(what)
                .setVerdict(verdict)
                .setReason(reason)
                .setAdvice(advice)
                .build());
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}
