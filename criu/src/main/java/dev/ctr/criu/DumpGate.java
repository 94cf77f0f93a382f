package dev.ctr.criu;

import dev.ctr.criu.linux.Pipe;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/**
 * Stops a dump at the point where CRIU's images are complete and the tasks are still frozen, until the caller says whether
 * they are to end or, as if nothing had happened, go on.
 *
 * <p>It is an action script for CRIU's configuration file (CRIU documentation, "Action scripts": a script that fails at
 * {@code post-dump} makes CRIU resume the tasks). The script finds this process's pipes below {@code /proc}, so that when
 * this process dies, however it dies, the script reads an end of file, fails, and the tasks go on. Used by one thread.
 */
public final class DumpGate implements Closeable {
    private static final byte PASS = '0';
    private static final byte REFUSE = '1';

    private final Path script;
    private final Pipe reached;
    private final Pipe verdict;

    private DumpGate(Path script, Pipe reached, Pipe verdict) {
        this.script = script;
        this.reached = reached;
        this.verdict = verdict;
    }

    /**
     * Makes a gate.
     *
     * @param script where its script is written; deleted when the gate is closed
     */
    public static DumpGate open(Path script) throws IOException {
        Pipe reached = Pipe.open();
        Pipe verdict = Pipe.open();
        DumpGate gate = new DumpGate(script, reached, verdict);
        try {
            Files.deleteIfExists(script);
            Files.createFile(
                    script, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.writeString(script, gate.text());
            return gate;
        } catch (IOException e) {
            gate.close();
            throw e;
        }
    }

    private String text() {
        String descriptors = "/proc/" + ProcessHandle.current().pid() + "/fd/";
        return """
                #!/bin/sh
                [ "$CRTOOLS_SCRIPT_ACTION" = post-dump ] || exit 0
                { echo >%s && read -r verdict <%s; } 2>/dev/null || exit 1
                exit "$verdict"
                """.formatted(
                        descriptors + reached.writer().number(),
                        descriptors + verdict.reader().number());
    }

    /** What {@code action-script} in CRIU's configuration file names. */
    public Path script() {
        return script;
    }

    /** Waits until the images are complete and the tasks frozen; false when the time has passed before. */
    public boolean awaitReached(Duration timeout) throws IOException {
        return reached.reader().awaitReadable(timeout) && reached.reader().read(new byte[1]) > 0;
    }

    /** Lets the dump finish: the tasks end, or go on if the dump was to leave them running. */
    public void pass() throws IOException {
        answer(PASS);
    }

    /** Makes the dump fail: the tasks go on. */
    public void refuse() throws IOException {
        answer(REFUSE);
    }

    private void answer(byte word) throws IOException {
        verdict.writer().write((Character.toString(word) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Closes the pipes, which refuses a dump that is still waiting. */
    @Override
    public void close() throws IOException {
        try (reached;
                verdict) {
            Files.deleteIfExists(script);
        }
    }
}
