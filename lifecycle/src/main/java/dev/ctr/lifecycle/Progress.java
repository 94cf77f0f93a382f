package dev.ctr.lifecycle;

/** Told how far a long operation has come. Called on the operation's own threads; must return quickly. */
@FunctionalInterface
public interface Progress {
    Progress NONE = (phase, done, expected) -> {};

    /**
     * Takes one report.
     *
     * @param phase what is being done, such as {@code dump} or {@code archive}
     * @param done bytes so far
     * @param expected bytes in all, or 0 when that is not known
     */
    void report(String phase, long done, long expected);
}
