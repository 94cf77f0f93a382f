package dev.ctr.lifecycle.check;

/** What somebody wants to do on this host. */
public enum Purpose {
    CHECKPOINT,
    RESTORE,
    /** Being the source or the target of a migration. */
    MIGRATE
}
