package dev.ctr.criu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private GateScript plan = GateScript.DUMP;

    @BeforeEach
    void plan() {
        plan = new GateScript(
                "post-restore",
                Map.of("pre-resume", "false", "network-lock", touch("locked")),
                touch("alone") + "; verdict=1",
                touch("passed"));
    }

    private String touch(String name) {
        return ": >" + GateScript.quoted(directory.resolve(name).toString());
    }

    private Process reach(Gate gate, String action) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(gate.script().toString());
        builder.environment().put("CRTOOLS_SCRIPT_ACTION", action);
        return builder.start();
    }

    private Gate open() throws IOException {
        return Gate.open(directory.resolve("it's a gate"), plan);
    }

    @Test
    void waitsAtItsStepForTheVerdict() throws IOException, InterruptedException {
        try (Gate gate = open()) {
            Process criu = reach(gate, "post-restore");
            assertThat(gate.awaitReached(PATIENCE)).isTrue();
            assertThat(criu.isAlive()).isTrue();
            gate.pass();
            assertThat(criu.waitFor()).isZero();
            assertThat(directory.resolve("passed")).exists();
        }
        try (Gate gate = open()) {
            Files.delete(directory.resolve("passed"));
            Process criu = reach(gate, "post-restore");
            assertThat(gate.awaitReached(PATIENCE)).isTrue();
            gate.refuse();
            assertThat(criu.waitFor()).isEqualTo(1);
            assertThat(directory.resolve("passed")).doesNotExist();
            assertThat(directory.resolve("alone")).doesNotExist();
        }
    }

    @Test
    void doesWhatItIsToAtOtherStepsWithoutWaiting() throws IOException, InterruptedException {
        try (Gate gate = open()) {
            assertThat(reach(gate, "network-lock").waitFor()).isZero();
            assertThat(directory.resolve("locked")).exists();
            assertThat(reach(gate, "pre-resume").waitFor()).isEqualTo(1);
            assertThat(reach(gate, "post-resume").waitFor()).isZero();
            assertThat(gate.awaitReached(Duration.ofMillis(1))).isFalse();
        }
    }

    @Test
    void isOnItsOwnWhenItIsLeft() throws IOException, InterruptedException {
        try (Gate gate = open()) {
            Process criu = reach(gate, "post-restore");
            assertThat(gate.awaitReached(PATIENCE)).isTrue();
            gate.leave();
            assertThat(criu.waitFor()).isEqualTo(1);
            assertThat(directory.resolve("alone")).exists();
            assertThat(gate.script()).exists();
        }
    }
}
