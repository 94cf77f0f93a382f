package dev.ctr.lifecycle;

/** Which levels of a chain of pre-checkpoints go into an archive. */
public enum ExportedLevels {
    /** Only what the very checkpoint or pre-checkpoint holds: the levels before it are in other archives. */
    ONE,
    /** The whole chain. */
    ALL
}
