package dev.ctr.lifecycle;

import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks a container's program to end, and ends it when it does not in time. The lock is not held while waiting, so that
 * others may look at the container, kill it, or stop it faster.
 */
final class Termination {
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(30);

    private final Container container;
    private final Optional<Duration> timeout;
    private boolean byUser = true;

    Termination(Container container, Optional<Duration> timeout) {
        this.container = container;
        this.timeout = timeout;
    }

    /** Leaves the restart policy's say at the next boot as it was. */
    Termination keepingRestartPolicy() {
        byUser = false;
        return this;
    }

    static void kill(Container container, int signal) throws IOException, InterruptedException {
        Optional<ProcessIdentity> process = container.locked(locked -> {
            requireKillable(locked);
            try {
                locked.runtime().kill(locked.id(), signal, false);
            } catch (EngineException e) {
                // The process may have ended while the runtime was on its way.
                locked.synchronize();
                requireKillable(locked);
                throw e;
            }
            locked.save(locked.state().stoppedByUser(true));
            locked.record(EventStatus.KILL);
            return locked.state().process();
        });
        if (signal == Signal.KILL && process.isPresent()) {
            Processes.awaitEnd(process.get(), KILL_PATIENCE);
        }
    }

    private static void requireKillable(LockedContainer locked) {
        ContainerStatus status = locked.state().status();
        if (!status.canKill()) {
            throw locked.stateImproper(
                    "can only kill running containers. " + locked.config().id() + " is in state " + status.word());
        }
    }

    /** What remains to be waited for. */
    private record Asked(ContainerConfig config, ProcessIdentity process, Duration patience) {}

    void run() throws IOException, InterruptedException {
        Optional<Asked> asked = container.locked(this::ask);
        if (asked.isEmpty()) {
            return;
        }
        ProcessIdentity process = asked.get().process();
        if (!Processes.awaitEnd(process, asked.get().patience())) {
            container.locked(locked -> isStill(process, locked) && signal(locked, Signal.KILL));
            if (!Processes.awaitEnd(process, KILL_PATIENCE)) {
                throw new EngineException(
                        EngineException.Code.RUNTIME,
                        "the first process of " + container.name() + " (" + process.pid()
                                + ") did not end after SIGKILL: it may be waiting for a device");
            }
        }
        container.record(LockedContainer.event(asked.get().config(), EventStatus.STOP));
        container.locked(LockedContainer::cleanUpStopped);
    }

    /** Whether it is this process that the container runs; it may have ended, and another been started, meanwhile. */
    private static boolean isStill(ProcessIdentity process, LockedContainer locked) {
        return locked.state().process().filter(process::equals).isPresent();
    }

    private Optional<Asked> ask(LockedContainer locked) throws IOException, InterruptedException {
        ContainerStatus status = locked.state().status();
        if (status == ContainerStatus.STOPPED || status == ContainerStatus.EXITED) {
            return Optional.empty();
        }
        if (!status.canStop()) {
            throw locked.stateImproper("can only stop created or running containers. "
                    + locked.config().id() + " is in state " + status.word());
        }
        if (status == ContainerStatus.CREATED) {
            locked.tearDown();
            return Optional.empty();
        }
        Duration patience = timeout.orElse(locked.config().stopTimeout());
        locked.save(locked.state().askedToStop(byUser));
        signal(locked, patience.isZero() ? Signal.KILL : locked.config().stopSignal());
        return locked.state().process().map(process -> new Asked(locked.config(), process, patience));
    }

    /**
     * Sends a signal, to every process where the end of the first does not end the others for want of a PID namespace of
     * their own. One that comes too late is no error.
     */
    private static boolean signal(LockedContainer locked, int signal) throws IOException {
        try {
            locked.runtime().kill(locked.id(), signal, !locked.config().ownsNamespace(NamespaceKind.PID));
            return true;
        } catch (EngineException e) {
            if (locked.state().process().map(ProcessIdentity::isAlive).orElse(false)) {
                throw e;
            }
            return false;
        }
    }
}
