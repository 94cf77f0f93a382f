package dev.ctr.lifecycle;

import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.runtime.Attachment;
import java.io.IOException;

/** Connects streams to a container whose lock is held. The bytes are carried after the lock was given back. */
final class Attaching {
    private Attaching() {}

    /** Connects to a container that runs. */
    static StreamCarrier toRunning(LockedContainer container, AttachStreams streams) throws IOException {
        if (container.state().status() != ContainerStatus.RUNNING) {
            throw new EngineException(EngineException.Code.STATE_IMPROPER, "you can only attach to running containers");
        }
        StreamCarrier carrier = connect(container, streams);
        container.record(EventStatus.ATTACH);
        return carrier;
    }

    /** Connects to a container that is made in the runtime first where needed, and starts it then, so that nothing is lost. */
    static StreamCarrier toStarted(LockedContainer container, AttachStreams streams)
            throws IOException, InterruptedException {
        Initialization initialization = new Initialization(container);
        if (container.state().status().canInit()) {
            initialization.initialize();
        }
        if (!container.state().status().canStart() && container.state().status() != ContainerStatus.RUNNING) {
            initialization.start();
        }
        StreamCarrier carrier = connect(container, streams);
        try {
            initialization.start();
            container.record(EventStatus.ATTACH);
            return carrier;
        } catch (RuntimeException | IOException | InterruptedException e) {
            Undo.after(e, carrier::close);
            throw e;
        }
    }

    /** Connects for a client elsewhere. */
    static RemoteAttach remote(
            Container handle, LockedContainer container, AttachStreams streams, RemoteAttachOptions options)
            throws IOException, InterruptedException {
        String driver = container.config().logDriver();
        if (options.logs() && !driver.equals(LogSettings.JOURNAL) && !LogSettings.isFile(driver)) {
            throw notLogging(container, "read logs");
        }
        if (container.state().status().canInit() && options.stream()) {
            new Initialization(container).initialize();
        }
        ContainerStatus status = container.state().status();
        if (options.stream() && status != ContainerStatus.CREATED && status != ContainerStatus.RUNNING) {
            throw container.stateImproper("can only attach to created or running containers");
        }
        if (!options.stream()) {
            return RemoteAttach.past(handle, streams);
        }
        StreamCarrier carrier = connect(container, streams);
        container.record(EventStatus.ATTACH);
        return RemoteAttach.live(handle, carrier, streams, options.logs());
    }

    static void resize(LockedContainer container, int rows, int columns) throws IOException {
        ContainerStatus status = container.state().status();
        if (status != ContainerStatus.CREATED && status != ContainerStatus.RUNNING) {
            throw container.stateImproper("can only resize created or running containers");
        }
        Attachment.resize(container.paths().bundle(), rows, columns);
    }

    private static StreamCarrier connect(LockedContainer container, AttachStreams streams) throws IOException {
        if (container.config().logDriver().equals(LogSettings.PASSTHROUGH)) {
            throw notLogging(container, "attach");
        }
        return new StreamCarrier(
                Attachment.connect(container.paths().bundle()),
                streams,
                container.config().terminal());
    }

    private static EngineException notLogging(LockedContainer container, String attempt) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT,
                "this container is using the '" + container.config().logDriver() + "' log driver, cannot " + attempt
                        + ": this container is not logging output");
    }
}
