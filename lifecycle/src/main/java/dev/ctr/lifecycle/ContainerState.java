package dev.ctr.lifecycle;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.ctr.criu.linux.ProcessIdentity;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What changes about a container, saved in one small file and replaced as a whole. Immutable: each step of a container's
 * life is a method that returns the state after it.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.ANY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
@JsonIgnoreProperties(ignoreUnknown = true)
public final class ContainerState {
    private ContainerStatus status = ContainerStatus.CONFIGURED;
    private @Nullable PendingOperation pending;
    private long pid;
    private long pidStartTicks;
    private long conmonPid;
    private int exitCode;
    private @Nullable Instant startedAt;
    private @Nullable Instant finishedAt;
    private boolean checkpointed;
    private @Nullable Instant checkpointedAt;
    private boolean pausedInCheckpoint;
    private boolean restored;
    private @Nullable Instant restoredAt;
    private boolean stoppedByUser;
    private boolean stopped;
    private int restartCount;
    private int mounts;
    private @Nullable String chain;
    private String bootId = "";

    private ContainerState() {}

    private ContainerState(ContainerState other) {
        status = other.status;
        pending = other.pending;
        pid = other.pid;
        pidStartTicks = other.pidStartTicks;
        conmonPid = other.conmonPid;
        exitCode = other.exitCode;
        startedAt = other.startedAt;
        finishedAt = other.finishedAt;
        checkpointed = other.checkpointed;
        checkpointedAt = other.checkpointedAt;
        pausedInCheckpoint = other.pausedInCheckpoint;
        restored = other.restored;
        restoredAt = other.restoredAt;
        stoppedByUser = other.stoppedByUser;
        stopped = other.stopped;
        restartCount = other.restartCount;
        mounts = other.mounts;
        chain = other.chain;
        bootId = other.bootId;
    }

    private ContainerState but(Consumer<ContainerState> change) {
        ContainerState copy = new ContainerState(this);
        change.accept(copy);
        return copy;
    }

    /** A container that was just created. */
    static ContainerState configured(String bootId) {
        return new ContainerState().but(s -> s.bootId = bootId);
    }

    /** A container whose state file is damaged. */
    static ContainerState unknown() {
        return new ContainerState().but(s -> s.status = ContainerStatus.UNKNOWN);
    }

    public ContainerStatus status() {
        return status;
    }

    /**
     * The operation that was under way when this was saved. Whoever takes the container's lock and finds one knows that its
     * process died, and makes good.
     */
    public Optional<PendingOperation> pending() {
        return Optional.ofNullable(pending);
    }

    /** The first process's number on the host; 0 when there is none. */
    public long pid() {
        return pid;
    }

    Optional<ProcessIdentity> process() {
        return pid == 0 ? Optional.empty() : Optional.of(new ProcessIdentity(pid, pidStartTicks));
    }

    /** The conmon that holds its standard streams; 0 when there is none. */
    public long conmonPid() {
        return conmonPid;
    }

    /** How it ended; meaningful once it has. */
    public int exitCode() {
        return exitCode;
    }

    public Optional<Instant> startedAt() {
        return Optional.ofNullable(startedAt);
    }

    public Optional<Instant> finishedAt() {
        return Optional.ofNullable(finishedAt);
    }

    /** Whether it ended by a checkpoint that can be restored in place. */
    public boolean checkpointed() {
        return checkpointed;
    }

    public Optional<Instant> checkpointedAt() {
        return Optional.ofNullable(checkpointedAt);
    }

    /** Whether it was paused when it was last checkpointed, and so is to be paused when it is restored from that. */
    boolean pausedInCheckpoint() {
        return pausedInCheckpoint;
    }

    ContainerState withPausedInCheckpoint(boolean value) {
        return but(s -> s.pausedInCheckpoint = value);
    }

    /** Whether it last started by a restore. */
    public boolean restored() {
        return restored;
    }

    public Optional<Instant> restoredAt() {
        return Optional.ofNullable(restoredAt);
    }

    /** Whether it was somebody's wish that it ended. */
    public boolean stoppedByUser() {
        return stoppedByUser;
    }

    /** Whether it was asked to stop since it started, by whomever. */
    boolean wasAskedToStop() {
        return stopped;
    }

    /** How often the restart policy has started it since somebody else last did. */
    public int restartCount() {
        return restartCount;
    }

    ContainerState withRestartCount(int count) {
        return but(s -> s.restartCount = count);
    }

    /** How often users have mounted its root file system and not unmounted it again. */
    public int mounts() {
        return mounts;
    }

    ContainerState withMounts(int count) {
        return but(s -> s.mounts = count);
    }

    /** The chain of pre-checkpoints that was begun since the program started or was restored, if any. */
    Optional<String> chain() {
        return Optional.ofNullable(chain);
    }

    ContainerState withChain(String id) {
        return but(s -> s.chain = id);
    }

    /** The boot that the process numbers belong to. */
    String bootId() {
        return bootId;
    }

    /** The same in a new boot, in which nothing of it runs or is mounted. */
    ContainerState inBoot(String boot) {
        return but(s -> {
            s.bootId = boot;
            s.mounts = 0;
        });
    }

    ContainerState withStatus(ContainerStatus value) {
        return but(s -> s.status = value);
    }

    ContainerState begins(PendingOperation operation) {
        return but(s -> s.pending = operation);
    }

    ContainerState withNothingPending() {
        return but(s -> s.pending = null);
    }

    /** Made in the runtime: {@link ContainerStatus#CREATED}, with nothing pending. */
    ContainerState initialized(ProcessIdentity process, long conmon, String boot) {
        return but(s -> {
            s.status = ContainerStatus.CREATED;
            s.pending = null;
            s.runs(process, conmon, boot);
            s.checkpointed = false;
            s.pausedInCheckpoint = false;
            s.restored = false;
            s.checkpointedAt = null;
            s.restoredAt = null;
        });
    }

    /** Its program runs, with nothing pending. */
    ContainerState started(Instant now) {
        return but(s -> {
            s.status = ContainerStatus.RUNNING;
            s.pending = null;
            s.startedAt = now;
        });
    }

    /** Its program goes on from a checkpoint, or is paused as it was in that, with nothing pending. */
    ContainerState restored(ProcessIdentity process, long conmon, Instant now, String boot) {
        return but(s -> {
            s.status = s.pausedInCheckpoint ? ContainerStatus.PAUSED : ContainerStatus.RUNNING;
            s.pending = null;
            s.runs(process, conmon, boot);
            s.startedAt = now;
            s.checkpointed = false;
            s.restored = true;
            s.restoredAt = now;
        });
    }

    private void runs(ProcessIdentity process, long conmon, String boot) {
        pid = process.pid();
        pidStartTicks = process.startTicks();
        conmonPid = conmon;
        bootId = boot;
        exitCode = 0;
        stoppedByUser = false;
        stopped = false;
        chain = null;
    }

    /** It was dumped; whether it still runs is told by the status. */
    ContainerState dumped(boolean restorableInPlace, Instant when) {
        return but(s -> {
            s.checkpointed = restorableInPlace;
            s.pausedInCheckpoint = s.status == ContainerStatus.PAUSED;
            s.checkpointedAt = when;
        });
    }

    ContainerState askedToStop(boolean byUser) {
        return but(s -> {
            s.status = ContainerStatus.STOPPING;
            s.stoppedByUser = byUser;
            s.stopped = true;
        });
    }

    ContainerState stoppedByUser(boolean byUser) {
        return but(s -> s.stoppedByUser = byUser);
    }

    /** Its program has ended: {@link ContainerStatus#STOPPED}. */
    ContainerState ended(int code, Instant when) {
        return but(s -> {
            s.status = ContainerStatus.STOPPED;
            s.pid = 0;
            s.pidStartTicks = 0;
            s.exitCode = code;
            s.finishedAt = when;
        });
    }

    /** Nothing of it is left in the runtime, and nothing is pending. */
    ContainerState released() {
        return but(s -> {
            s.status = s.startedAt == null && !s.checkpointed ? ContainerStatus.CONFIGURED : ContainerStatus.EXITED;
            s.pending = null;
            s.pid = 0;
            s.pidStartTicks = 0;
            s.conmonPid = 0;
        });
    }
}
