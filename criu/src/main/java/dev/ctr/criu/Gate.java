package dev.ctr.criu;

import dev.ctr.criu.linux.Pipe;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Stops CRIU at one of its steps until the caller says how to go on. At {@code post-dump} the images are complete and the tasks
 * still frozen: when it passes they end, and when it refuses they go on as if nothing had happened. At {@code post-restore}
 * everything is restored and nothing has run: when it passes the tasks run, and when it refuses CRIU undoes the restore.
 *
 * <p>It is an action script for CRIU's configuration file (CRIU documentation, "Action scripts"). The script finds this process's
 * pipes below {@code /proc}, so that when this process dies, however it dies, the script reads an end of file and does what
 * {@link GateScript#whenAlone} says. Used by one thread.
 */
public final class Gate implements Closeable {
    /** How often it is looked whether what runs CRIU has ended. */
    private static final Duration POLL = Duration.ofMillis(20);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int NUMBER_BYTES = 32;
    private static final byte PASS = '0';
    private static final byte REFUSE = '1';

    private final Path script;
    private final Pipe reached;
    private final Pipe verdict;
    private Optional<ProcessIdentity> criu = Optional.empty();
    private Optional<ProcessIdentity> starter = Optional.empty();

    private Gate(Path script, Pipe reached, Pipe verdict) {
        this.script = script;
        this.reached = reached;
        this.verdict = verdict;
    }

    /**
     * Makes a gate.
     *
     * @param script where its script is written; deleted when the gate is closed
     * @param plan what the script does
     */
    public static Gate open(Path script, GateScript plan) throws IOException {
        Pipe reached = Pipe.open();
        Pipe verdict = Pipe.open();
        Gate gate = new Gate(script, reached, verdict);
        try {
            Files.deleteIfExists(script);
            Files.createFile(
                    script, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            String descriptors = "/proc/" + ProcessHandle.current().pid() + "/fd/";
            Files.writeString(
                    script,
                    plan.text(
                            descriptors + reached.writer().number(),
                            descriptors + verdict.reader().number()));
            return gate;
        } catch (IOException e) {
            gate.close();
            throw e;
        }
    }

    /** What {@code action-script} in CRIU's configuration file names. */
    public Path script() {
        return script;
    }

    /**
     * Waits until CRIU has reached the step.
     *
     * @param program what runs CRIU; if that fails before, its failure is thrown
     * @throws IOException if it ends well without having come to the step
     */
    public void awaitReached(CompletableFuture<?> program) throws IOException {
        while (!awaitReached(POLL)) {
            if (program.isDone()) {
                program.join();
                throw new IOException("the runtime reported success before CRIU came to the gate");
            }
        }
    }

    /** Waits until CRIU has reached the step; false when the time has passed before. */
    public boolean awaitReached(Duration timeout) throws IOException {
        byte[] line = new byte[NUMBER_BYTES];
        int length = reached.reader().awaitReadable(timeout) ? reached.reader().read(line) : 0;
        if (length <= 0) {
            return false;
        }
        long pid = Long.parseLong(new String(line, 0, length, StandardCharsets.US_ASCII).strip());
        criu = ProcessIdentity.of(pid);
        starter = ProcessHandle.of(pid)
                .flatMap(ProcessHandle::parent)
                .flatMap(parent -> ProcessIdentity.of(parent.pid()));
        return true;
    }

    /** Whether the CRIU that has reached the step still lives. The runtime that has started it may not know. */
    public boolean isHeld() {
        return criu.filter(ProcessIdentity::isAlive).isPresent();
    }

    /** The parent that the CRIU had when it reached the step: the runtime that has started it, unless that was gone by then. */
    public Optional<ProcessIdentity> starter() {
        return starter;
    }

    /** Waits until the CRIU that has reached the step, and was answered, has ended: it may outlive the runtime that started it. */
    public void awaitEnd() throws IOException, InterruptedException {
        if (criu.isPresent()) {
            Processes.awaitEnd(criu.get(), PATIENCE);
        }
    }

    /** Lets CRIU finish. */
    public void pass() throws IOException {
        answer(PASS);
    }

    /** Makes CRIU undo. */
    public void refuse() throws IOException {
        answer(REFUSE);
    }

    private void answer(byte word) throws IOException {
        verdict.writer().write((Character.toString(word) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Lets go of a gate that may still be waiting, as the death of this process would: the script is on its own, and stays. */
    public void leave() throws IOException {
        try (reached;
                verdict) {
            // Closing is all.
        }
    }

    /** Closes the pipes, on which a script that is still waiting is on its own, and deletes the script. */
    @Override
    public void close() throws IOException {
        try {
            leave();
        } finally {
            Files.deleteIfExists(script);
        }
    }
}
