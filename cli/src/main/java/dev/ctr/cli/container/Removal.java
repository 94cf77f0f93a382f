package dev.ctr.cli.container;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.EngineException;

/** Removes a container that was only wanted as long as it ran. */
final class Removal {
    private Removal() {}

    /** After it could not be started; conmon's exit command may have been faster. */
    static void afterFailedStart(Container container) {
        try {
            container.remove(true, true);
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }
}
