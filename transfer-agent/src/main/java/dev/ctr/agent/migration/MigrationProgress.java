package dev.ctr.agent.migration;

/**
 * Told how far a migration has come: whenever it enters another phase, and four times a second. Called on threads of the migration's,
 * one call at a time; must return quickly.
 */
@FunctionalInterface
public interface MigrationProgress {
    MigrationProgress NONE = now -> {};

    /** Takes one report. */
    void report(MigrationSnapshot now);
}
