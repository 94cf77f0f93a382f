package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.GateScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What stops all tasks of a cgroup, and keeps those that a tracer holds from going on when the tracer dies (kernel documentation,
 * cgroup-v1/freezer-subsystem and cgroup-v2, "cgroup.freeze").
 *
 * @param file where the wish is written
 * @param report where it says whether all are frozen
 * @param frozenWord what freezes
 * @param thawedWord what thaws
 * @param frozenReport the line in the report when all are frozen
 */
public record Freezer(Path file, Path report, String frozenWord, String thawedWord, String frozenReport) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The freezer of a cgroup that exists; the first version's wins where a host has both, because the runtime uses that. */
    public static Optional<Freezer> of(Cgroup cgroup) throws IOException {
        Optional<Freezer> second = Optional.empty();
        for (Path top : Cgroup.hierarchies()) {
            Path directory = Path.of(top + cgroup.path());
            Path first = directory.resolve("freezer.state");
            if (Files.exists(first)) {
                return Optional.of(new Freezer(first, first, "FROZEN", "THAWED", "FROZEN"));
            }
            if (Files.exists(directory.resolve("cgroup.freeze"))) {
                second = Optional.of(new Freezer(
                        directory.resolve("cgroup.freeze"), directory.resolve("cgroup.events"), "1", "0", "frozen 1"));
            }
        }
        return second;
    }

    /** Freezes, and waits until every task is. */
    public void freeze() throws IOException, InterruptedException {
        Files.writeString(file, frozenWord);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isFrozen()) {
            if (System.nanoTime() > deadline) {
                thaw();
                throw new IOException("the tasks did not freeze within " + PATIENCE.toSeconds() + " s: " + file);
            }
            Thread.sleep(1);
        }
    }

    /** Whether every task is frozen. */
    public boolean isFrozen() throws IOException {
        return Files.readAllLines(report).contains(frozenReport);
    }

    /** Lets the tasks go on, those that a tracer holds excepted. */
    public void thaw() throws IOException {
        Files.writeString(file, thawedWord);
    }

    /** The shell's command that does the same. */
    public String thawCommand() {
        return "echo " + thawedWord + " 2>/dev/null >" + GateScript.quoted(file.toString());
    }

    /** The shell's commands that freeze, and wait a few seconds at most until every task is. */
    public String freezeCommands() {
        return """
                echo %s >%s
                rounds=0
                until grep -qx '%s' %s || [ $rounds -ge 500 ]; do
                  rounds=$((rounds + 1))
                  sleep 0.005
                done""".formatted(
                frozenWord, GateScript.quoted(file.toString()), frozenReport, GateScript.quoted(report.toString()));
    }
}
