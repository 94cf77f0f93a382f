package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Ends a restore that waits for a process which was killed, and would for ever: the runtime for the answer of a CRIU that is dead, while
 * what CRIU had forked keeps their socket open; conmon for the last words of a runtime that is dead, while the restored container
 * keeps that pipe open. All of them descend from conmon, which is their subreaper.
 */
final class RestoreWatch implements ConmonAnswer.Watch {
    /** How long a restore may be without a CRIU. The runtime needs some hundredths of a second before it and after it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int SIGKILL = 9;

    private final Conmon.Request request;
    private final Optional<Path> resumed;
    private long deadline = fromNow();
    private boolean lost;
    private boolean goesOn;

    /**
     * Begins to watch.
     *
     * @param resumed a file that is there when the restored processes go on; empty if nothing tells
     */
    RestoreWatch(Conmon.Request request, Optional<Path> resumed) {
        this.request = request;
        this.resumed = resumed;
    }

    private static long fromNow() {
        return System.nanoTime() + PATIENCE.toNanos();
    }

    @Override
    public void look() throws IOException {
        Optional<ProcessIdentity> conmon = conmon();
        List<ProcessIdentity> helpers = conmon.isPresent() ? Processes.tree(conmon.get()) : List.of();
        if (hasCriu(helpers)) {
            deadline = fromNow();
        } else if (System.nanoTime() - deadline > 0) {
            if (lost || helpers.isEmpty()) {
                throw failure();
            }
            lost = true;
            deadline = fromNow();
            end(helpers);
        }
    }

    /** A dead CRIU is a zombie of the runtime's or conmon's. What it has forked has its arguments until it is restored. */
    private boolean hasCriu(List<ProcessIdentity> helpers) throws IOException {
        for (ProcessIdentity process : helpers) {
            if (isConmonOrRuntime(process) && Processes.hasZombie(process)) {
                return false;
            }
        }
        return helpers.stream().anyMatch(process -> hasArgument(process, "swrk"));
    }

    /** Ends what conmon waits for, or, where that goes on, conmon and the runtime. */
    private void end(List<ProcessIdentity> helpers) throws IOException {
        List<ProcessIdentity> below = helpers.subList(1, helpers.size());
        // A CRIU that has outlived the runtime has ended what it has not let go on, and says so no more by that file.
        goesOn = below.stream().noneMatch(this::isConmonOrRuntime)
                || resumed.filter(Files::exists).isPresent();
        for (ProcessIdentity process : goesOn ? helpers : below) {
            if (!goesOn || isConmonOrRuntime(process)) {
                Processes.kill(process, SIGKILL);
            }
        }
    }

    private boolean isConmonOrRuntime(ProcessIdentity process) {
        return hasArgument(process, request.bundle().toString());
    }

    private static boolean hasArgument(ProcessIdentity process, String argument) {
        return Processes.arguments(process.pid()).contains(argument);
    }

    /** What conmon has answered, or would have if nothing had been killed. */
    ConmonAnswer completed(ConmonAnswer answer, OciRuntime runtime) {
        if (!lost || answer.data() >= 0) {
            return answer;
        }
        return Optional.of(request.containerId())
                .filter(id -> goesOn)
                .flatMap(runtime::state)
                .filter(report -> !report.status().equals("stopped"))
                .map(report -> new ConmonAnswer(report.pid(), ""))
                .orElseThrow(RestoreWatch::failure);
    }

    private static EngineException failure() {
        return new EngineException(
                EngineException.Code.RUNTIME, "CRIU or the runtime was killed in the middle of the restore");
    }

    private Optional<ProcessIdentity> conmon() throws IOException {
        try {
            return ProcessIdentity.of(
                    Long.parseLong(Files.readString(request.conmonPidFile()).strip()));
        } catch (NoSuchFileException | NumberFormatException notYetWritten) {
            return Optional.empty();
        }
    }
}
