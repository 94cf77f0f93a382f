package dev.ctr.lifecycle.check;

import java.io.IOException;

/** Tries a feature and leaves no trace. */
@FunctionalInterface
interface Trial {
    /**
     * Whether the feature is there.
     *
     * @throws IOException if that could not be found out
     */
    boolean succeeds() throws IOException, InterruptedException;

    /** The feature as the trial finds it: missing, with the reason, if it could not be found out. */
    static Feature of(String name, Trial trial, String gives, String how) throws InterruptedException {
        try {
            return Feature.useful(name, trial.succeeds(), gives, how);
        } catch (IOException e) {
            return Feature.useful(name, false, gives, how + " The trial itself failed: " + e.getMessage());
        }
    }
}
