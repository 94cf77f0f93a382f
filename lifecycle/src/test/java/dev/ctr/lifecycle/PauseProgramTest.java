package dev.ctr.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PauseProgramTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void itWaitsUntilItIsAskedToEnd(String signal) throws IOException, InterruptedException {
        String processor = System.getProperty("os.arch");
        assumeTrue(
                processor.equals("amd64") || processor.equals("aarch64"), "there is no pause program for " + processor);
        Path program = directory.resolve("pause");
        Files.write(program, PauseProgram.forThisProcessor());
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Process process = new ProcessBuilder(program.toString()).start();
        try {
            signal(process, "CHLD");
            assertThat(process.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
            signal(process, signal);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    @Test
    void bothProcessorsHaveAnExecutable() {
        byte[] x86 = PauseProgram.forProcessor("amd64");
        byte[] arm = PauseProgram.forProcessor("aarch64");
        assertThat(x86).startsWith(0x7f, 'E', 'L', 'F', 2, 1, 1).hasSize(64 + 56 + 90);
        assertThat(arm).startsWith(0x7f, 'E', 'L', 'F', 2, 1, 1).hasSize(64 + 56 + 31 * 4);
        assertThat(x86[18]).isEqualTo((byte) 62);
        assertThat(arm[18]).isEqualTo((byte) 183);
        assertThatThrownBy(() -> PauseProgram.forProcessor("z80")).hasMessageContaining("--infra=false");
    }
}
