package dev.ctr.cli.image;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.output.ProgressDisplay;
import dev.ctr.lifecycle.Progress;

/** Says that a registry is asked, and shows how much has arrived when it takes long. */
final class PullProgress implements Progress, AutoCloseable {
    private static final String PULL = "pull ";

    private final Invocation ctr;
    private final ProgressDisplay display;
    private boolean announced;

    PullProgress(Invocation ctr) {
        this.ctr = ctr;
        this.display =
                ProgressDisplay.open(ProgressDisplay.Style.AUTO, ctr.streams().err());
    }

    @Override
    public synchronized void report(String phase, long done, long expected) {
        if (!announced && phase.startsWith(PULL)) {
            announced = true;
            ctr.note("Trying to pull " + phase.substring(PULL.length()) + "...");
        }
        display.report(phase, done, expected);
    }

    @Override
    public void close() {
        display.close();
    }
}
