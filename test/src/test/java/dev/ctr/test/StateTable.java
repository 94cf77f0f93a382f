package dev.ctr.test;

import static dev.ctr.lifecycle.ContainerStatus.CONFIGURED;
import static dev.ctr.lifecycle.ContainerStatus.CREATED;
import static dev.ctr.lifecycle.ContainerStatus.EXITED;
import static dev.ctr.lifecycle.ContainerStatus.PAUSED;
import static dev.ctr.lifecycle.ContainerStatus.REMOVING;
import static dev.ctr.lifecycle.ContainerStatus.RUNNING;
import static dev.ctr.lifecycle.ContainerStatus.STOPPED;
import static dev.ctr.lifecycle.ContainerStatus.STOPPING;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.ExecOptions;
import dev.ctr.lifecycle.RestoreOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Which call is allowed in which state, what it leads to, and with which words it is refused in the others. */
final class StateTable {
    static final String REMOVED = "REMOVED";

    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
    private static final int SIGUSR1 = 10;
    private static final Set<ContainerStatus> ALL = EnumSet.complementOf(EnumSet.of(ContainerStatus.UNKNOWN));

    private StateTable() {}

    /** A call on a container. */
    @FunctionalInterface
    interface Action {
        void on(Container container) throws Exception;
    }

    /**
     * One call.
     *
     * @param allowed the states in which it is allowed
     * @param after the state that it leads to from each of them, or {@link #REMOVED}
     * @param refusal its words in the other states; ID, NAME and STATE stand for the container's
     */
    record Row(
            String name,
            Action action,
            Set<ContainerStatus> allowed,
            UnaryOperator<String> after,
            Function<ContainerStatus, String> refusal) {
        Optional<String> refusalIn(ContainerStatus status) {
            return allowed.contains(status)
                    ? Optional.empty()
                    : Optional.of(refusal.apply(status).replace("STATE", status.word()) + ": container state improper");
        }

        String statusAfter(ContainerStatus status) {
            return after.apply(status.name());
        }
    }

    private static Row row(
            String name, Action action, Set<ContainerStatus> allowed, UnaryOperator<String> after, String refusal) {
        return row(name, action, allowed, after, status -> refusal);
    }

    private static Row row(
            String name,
            Action action,
            Set<ContainerStatus> allowed,
            UnaryOperator<String> after,
            Function<ContainerStatus, String> refusal) {
        return new Row(name, action, allowed, after, refusal);
    }

    /** A call that the state allows and that fails for another reason, with these words. */
    private static Action failing(Action action, String words) {
        return container -> {
            EngineException failure = catchThrowableOfType(EngineException.class, () -> action.on(container));
            if (!String.valueOf(failure.getMessage()).startsWith(words)) {
                throw failure;
            }
        };
    }

    private static UnaryOperator<String> becomes(ContainerStatus status) {
        return before -> status.name();
    }

    private static UnaryOperator<String> becomes(String status) {
        return before -> status;
    }

    static final List<Row> ROWS = List.of(
            row(
                    "init",
                    Container::init,
                    EnumSet.of(CONFIGURED, STOPPED, EXITED),
                    becomes(CREATED),
                    "container NAME has already been created in runtime"),
            row(
                    "start",
                    Container::start,
                    EnumSet.of(CONFIGURED, CREATED, STOPPED, EXITED, RUNNING),
                    becomes(RUNNING),
                    "container NAME must be in Created or Stopped state to be started"),
            row(
                    "restart",
                    container -> container.restart(AT_ONCE),
                    EnumSet.of(CONFIGURED, CREATED, RUNNING, STOPPED, EXITED),
                    becomes(RUNNING),
                    "unable to restart a container in a paused or unknown state"),
            row(
                    "stop",
                    container -> container.stop(AT_ONCE),
                    EnumSet.of(CREATED, RUNNING, STOPPING, STOPPED, EXITED),
                    before -> switch (before) {
                        case "CREATED" -> CONFIGURED.name();
                        case "STOPPED" -> STOPPED.name();
                        default -> EXITED.name();
                    },
                    "can only stop created or running containers. ID is in state STATE"),
            row(
                    "kill",
                    container -> container.kill(SIGUSR1),
                    EnumSet.of(RUNNING, PAUSED, STOPPING),
                    before -> before,
                    "can only kill running containers. ID is in state STATE"),
            row(
                    "pause",
                    Container::pause,
                    EnumSet.of(RUNNING),
                    becomes(PAUSED),
                    status -> status == PAUSED ? "\"ID\" is already paused" : "\"STATE\" is not running, can't pause"),
            row(
                    "unpause",
                    Container::unpause,
                    EnumSet.of(PAUSED),
                    becomes(RUNNING),
                    "\"ID\" is not paused, can't unpause"),
            row(
                    "exec",
                    container -> container.execDetached(new ExecOptions(List.of("true"))),
                    EnumSet.of(RUNNING),
                    becomes(RUNNING),
                    "can only create exec sessions on running containers"),
            row(
                    "cleanup",
                    Container::cleanup,
                    EnumSet.of(CONFIGURED, CREATED, STOPPING, STOPPED, EXITED),
                    before -> switch (before) {
                        case "CREATED" -> CONFIGURED.name();
                        case "STOPPED" -> EXITED.name();
                        default -> before;
                    },
                    "container ID is running or paused, refusing to clean up"),
            row(
                    "checkpoint",
                    container -> container.checkpoint(new CheckpointOptions()),
                    EnumSet.of(RUNNING),
                    becomes(EXITED),
                    "\"STATE\" is not running, cannot checkpoint"),
            row(
                    "restore",
                    failing(
                            container -> container.restore(new RestoreOptions()),
                            "a complete checkpoint for this container cannot be found, cannot restore"),
                    EnumSet.of(CONFIGURED, EXITED),
                    before -> before,
                    "is running or paused, cannot restore"),
            row(
                    "remove",
                    container -> container.remove(false, true),
                    EnumSet.of(CONFIGURED, CREATED, STOPPED, EXITED, REMOVING),
                    becomes(REMOVED),
                    "cannot remove container ID as it is STATE - running or paused containers cannot be removed without"
                            + " force"),
            row("remove by force", container -> container.remove(true, true, AT_ONCE), ALL, becomes(REMOVED), ""),
            row("wait", container -> container.waitFor(ALL, Duration.ofMillis(1)), ALL, before -> before, ""),
            row("sync", Container::sync, ALL, before -> before, ""),
            row("inspect", Container::inspect, ALL, before -> before, ""));
}
