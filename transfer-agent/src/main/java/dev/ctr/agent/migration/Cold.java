package dev.ctr.agent.migration;

import java.util.List;

/** All memory moves after the freeze. */
final class Cold implements Strategy {
    @Override
    public String word() {
        return "cold";
    }

    @Override
    public List<Round> sendAhead(SourceMigration migration) {
        return List.of();
    }
}
