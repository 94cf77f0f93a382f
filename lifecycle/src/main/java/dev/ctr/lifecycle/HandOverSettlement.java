package dev.ctr.lifecycle;

import dev.ctr.criu.linux.BootId;
import dev.ctr.lifecycle.HandOver.Outcome;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.network.BridgePorts;
import dev.ctr.lifecycle.runtime.Freezer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Optional;

/** Brings a container that was given away to what the other host's word makes of it. */
final class HandOverSettlement {
    private static final int UNKNOWN_EXIT_CODE = 255;

    private HandOverSettlement() {}

    /**
     * Settles a hand-over whose process is gone, or never heard the other side's word.
     *
     * @param container as it is on disk, not brought up to date
     */
    static void settle(LockedContainer container, Outcome outcome) throws IOException, InterruptedException {
        GivenAway given = GivenAway.inDoubt(container.paths(), container.state())
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.STATE_IMPROPER,
                        "container " + container.config().name() + " is not in doubt: there is nothing to settle"));
        boolean booted = !container.state().bootId().equals(BootId.current());
        if (outcome == Outcome.RUNS) {
            if (!booted) {
                container.engine().cgroup(container.config()).kill();
                answer(container, outcome);
            }
            runsElsewhere(container, given.remove());
        } else if (booted) {
            restsHere(container);
        } else if (!Files.exists(GivenAway.verdict(container.paths()))
                && container.runtimeProcesses().isEmpty()) {
            // CRIU has died and left the sockets in repair mode, in which they carry nothing: only a restore mends
            // that.
            container.engine().cgroup(container.config()).kill();
            thaw(container);
            restsHere(container);
        } else {
            answer(container, outcome);
            if (isRunning(container)) {
                GivenAway.delete(container.paths());
                new Recovery(container).run(container.state().pending().orElseThrow());
            } else {
                restsHere(container);
            }
        }
    }

    /** Lets the script that waits go on, and waits for CRIU and the runtime to end. */
    private static void answer(LockedContainer container, Outcome outcome) throws IOException, InterruptedException {
        thaw(container);
        HandingOver.leaveVerdict(container.paths(), outcome);
        container.awaitRuntimeProcesses();
        Files.deleteIfExists(GivenAway.gate(container.paths()));
    }

    private static void thaw(LockedContainer container) throws IOException {
        Optional<Freezer> freezer = Freezer.of(container.engine().cgroup(container.config()));
        if (freezer.isPresent()) {
            freezer.get().thaw();
        }
    }

    private static boolean isRunning(LockedContainer container) {
        return container
                .runtime()
                .state(container.id())
                .filter(report -> !report.status().equals("stopped"))
                .isPresent();
    }

    /** It runs on the other host: nothing of it stays here but, unless it is to be removed, its files. */
    static void runsElsewhere(LockedContainer container, boolean remove) throws IOException, InterruptedException {
        container.save(container.state().dumped(false, Instant.now()).ended(UNKNOWN_EXIT_CODE, Instant.now()));
        container.record(EventStatus.CHECKPOINT);
        CheckpointFiles.deleteUnpacked(container.paths());
        CheckpointFiles.deleteImages(container.paths());
        CheckpointFiles.deleteLogs(container.paths());
        release(container);
        if (remove) {
            Removal.remove(container, true);
        }
    }

    /** It runs nowhere: its checkpoint, which is whole, stays here. */
    private static void restsHere(LockedContainer container) throws IOException, InterruptedException {
        container.save(container.state().dumped(true, Instant.now()).ended(UNKNOWN_EXIT_CODE, Instant.now()));
        container.record(EventStatus.CHECKPOINT);
        release(container);
    }

    private static void release(LockedContainer container) throws IOException, InterruptedException {
        container.tearDown();
        container.save(container.state().inBoot(BootId.current()));
        container.record(EventStatus.CLEANUP);
        GivenAway.delete(container.paths());
    }

    /** Undoes a hand-over that died, or failed, before the container was given away: it goes on here. */
    static void undo(LockedContainer container) throws IOException, InterruptedException {
        if (container.state().status() != ContainerStatus.PAUSED) {
            AbandonedDump.resume(container);
        }
        GivenAway.delete(container.paths());
        Files.deleteIfExists(GivenAway.gate(container.paths()));
        BridgePorts.run(container
                .engine()
                .networks()
                .ports(container.paths().networkState())
                .letInCommands());
    }
}
