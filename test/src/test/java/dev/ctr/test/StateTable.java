package dev.ctr.test;

import static dev.ctr.lifecycle.ContainerStatus.CONFIGURED;
import static dev.ctr.lifecycle.ContainerStatus.CREATED;
import static dev.ctr.lifecycle.ContainerStatus.EXITED;
import static dev.ctr.lifecycle.ContainerStatus.PAUSED;
import static dev.ctr.lifecycle.ContainerStatus.REMOVING;
import static dev.ctr.lifecycle.ContainerStatus.RUNNING;
import static dev.ctr.lifecycle.ContainerStatus.STOPPED;
import static dev.ctr.lifecycle.ContainerStatus.STOPPING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.CommitOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CopyOptions;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.ExecOptions;
import dev.ctr.lifecycle.Progress;
import dev.ctr.lifecycle.RemoteAttachOptions;
import dev.ctr.lifecycle.ResourceOptions;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Which call is allowed in which state, what it leads to, and with which words it is refused in the others. */
final class StateTable {
    static final String REMOVED = "REMOVED";

    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
    private static final int SIGKILL = 9;
    private static final int SIGUSR1 = 10;
    private static final Set<ContainerStatus> ALL = EnumSet.complementOf(EnumSet.of(ContainerStatus.UNKNOWN));

    private static final Set<ContainerStatus> BUT_REMOVING =
            EnumSet.complementOf(EnumSet.of(ContainerStatus.UNKNOWN, REMOVING));
    private static final String CANNOT_MOUNT = "cannot mount container ID as it is being removed";

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
     * @param refusal its words in the other states; ID and STATE stand for the container's
     * @param cause what follows those words, libpod's own error
     */
    record Row(
            String name,
            Action action,
            Set<ContainerStatus> allowed,
            UnaryOperator<String> after,
            Function<ContainerStatus, String> refusal,
            String cause) {
        Optional<String> refusalIn(ContainerStatus status) {
            return allowed.contains(status)
                    ? Optional.empty()
                    : Optional.of(refusal.apply(status).replace("STATE", status.word()) + cause);
        }

        boolean keeps(ContainerStatus status) {
            return statusAfter(status).equals(status.name());
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
        return new Row(name, action, allowed, after, refusal, ": container state improper");
    }

    /** A call whose refusal is all that libpod says. */
    private static Row plain(
            String name, Action action, Set<ContainerStatus> allowed, UnaryOperator<String> after, String refusal) {
        return new Row(name, action, allowed, after, status -> refusal, "");
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

    /** Attaches, which lasts until the container ends: it is killed a moment later. */
    private static void attachUntilKilled(Container container) {
        CompletableFuture<Void> killing = CompletableFuture.runAsync(
                () -> container.kill(SIGKILL), CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
        try {
            container.attach(new AttachStreams());
        } catch (EngineException refused) {
            killing.cancel(false);
            throw refused;
        }
    }

    private static void mountAndUnmount(Container container) {
        assertThat(container.mount().resolve("bin/busybox")).exists();
        container.unmount(false);
    }

    /** Where the container itself has it mounted, that is said; elsewhere there is nothing to do. */
    private static void unmountIfPossible(Container container) {
        try {
            container.unmount(false);
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.IN_USE) {
                throw e;
            }
            assertThat(e).hasMessageContaining("last mount, it is still in use");
        }
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
                    "container ID has already been created in runtime"),
            row(
                    "start",
                    Container::start,
                    EnumSet.of(CONFIGURED, CREATED, STOPPED, EXITED, RUNNING),
                    becomes(RUNNING),
                    "container ID must be in Created or Stopped state to be started"),
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
                    EnumSet.of(RUNNING, PAUSED),
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
            plain(
                    "attach",
                    StateTable::attachUntilKilled,
                    EnumSet.of(RUNNING),
                    becomes(STOPPED),
                    "you can only attach to running containers"),
            row(
                    "attach from remote",
                    container -> container
                            .attachFromRemote(new AttachStreams(), RemoteAttachOptions.STREAM)
                            .close(),
                    EnumSet.of(CONFIGURED, CREATED, RUNNING, STOPPED, EXITED),
                    before -> before.equals(RUNNING.name()) ? before : CREATED.name(),
                    "can only attach to created or running containers"),
            row(
                    "resize",
                    container -> container.resize(24, 80),
                    EnumSet.of(CREATED, RUNNING),
                    before -> before,
                    "can only resize created or running containers"),
            row(
                    "create an exec session",
                    container -> container.execRemove(container.execCreate(new ExecOptions(List.of("true"))), false),
                    EnumSet.of(RUNNING),
                    before -> before,
                    "can only create exec sessions on running containers"),
            plain(
                    "top",
                    container -> container.top(List.of()),
                    EnumSet.of(RUNNING),
                    before -> before,
                    "top can only be used on running containers"),
            row("mount", StateTable::mountAndUnmount, BUT_REMOVING, before -> before, CANNOT_MOUNT),
            row(
                    "unmount the last time",
                    StateTable::unmountIfPossible,
                    EnumSet.complementOf(EnumSet.of(ContainerStatus.UNKNOWN, RUNNING, PAUSED)),
                    before -> before,
                    "cannot unmount storage for container ID as it is running or paused"),
            row(
                    "export",
                    container -> container.export(OutputStream.nullOutputStream(), Progress.NONE),
                    BUT_REMOVING,
                    before -> before,
                    CANNOT_MOUNT),
            row("commit", container -> container.commit(CommitOptions.named("")), ALL, before -> before, ""),
            row("stat", container -> container.stat("/bin"), BUT_REMOVING, before -> before, CANNOT_MOUNT),
            row(
                    "copy to an archive",
                    container -> container.copyToArchive("/app", OutputStream.nullOutputStream()),
                    BUT_REMOVING,
                    before -> before,
                    CANNOT_MOUNT),
            row(
                    "copy from an archive",
                    container -> container.copyFromArchive(
                            "/app", new ByteArrayInputStream(new byte[1024]), CopyOptions.DEFAULT),
                    BUT_REMOVING,
                    before -> before,
                    CANNOT_MOUNT),
            row("diff", Container::diff, ALL, before -> before, ""),
            row(
                    "update",
                    container -> container.update(new ResourceOptions().pidsLimit(100)),
                    BUT_REMOVING,
                    before -> before,
                    "container ID is being removed, cannot update"),
            row(
                    "reload the network",
                    failing(Container::reloadNetwork, "\"none\" is not supported: invalid network mode"),
                    EnumSet.of(CREATED, RUNNING),
                    before -> before,
                    "cannot reload network unless container network has been configured"),
            row("remove by force", container -> container.remove(true, true, AT_ONCE), ALL, becomes(REMOVED), ""),
            row("wait", container -> container.waitFor(ALL, Duration.ofMillis(1)), ALL, before -> before, ""),
            row("sync", Container::sync, ALL, before -> before, ""),
            row("inspect", Container::inspect, ALL, before -> before, ""));
}
