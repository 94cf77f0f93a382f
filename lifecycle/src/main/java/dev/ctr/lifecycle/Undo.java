package dev.ctr.lifecycle;

/** Undoes what a failed operation has done, without hiding why it failed. */
final class Undo {
    private Undo() {}

    /** A step that undoes something. */
    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    /** Runs the steps, each whether or not the one before succeeded; their failures are attached to the first one. */
    static void after(Exception failure, Step... steps) {
        for (Step step : steps) {
            try {
                step.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure.addSuppressed(e);
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
