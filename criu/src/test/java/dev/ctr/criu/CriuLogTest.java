package dev.ctr.criu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CriuLogTest {
    @TempDir
    Path directory;

    @Test
    void namesTheErrorsAndNeitherTheHarmlessOneNorTheirConsequence() throws IOException {
        assertThat(decisive("""
                        (00.030950) Warn  (criu/seize.c:63): Failed to open /proc/9/comm: No such file or directory
                        (00.030964) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
                        (00.031639)     12: Error (criu/sk-inet.c:191): inet: Connected TCP socket, consider using --tcp-established option.
                        (00.031640) Error (criu/cr-dump.c:1769): Dump files (pid: 12) failed with -1
                        (00.031647) Error (criu/cr-dump.c:1975): Dumping FAILED.
                        """))
                .containsExactly(
                        "inet: Connected TCP socket, consider using --tcp-established option. (criu/sk-inet.c:191)",
                        "Dump files (pid: 12) failed with -1 (criu/cr-dump.c:1769)");
    }

    @Test
    void readsTheRestorersLinesAndThoseWithoutATime() throws IOException {
        assertThat(decisive("(00.1) pie: 12: Error (criu/pie/restorer.c:5): Can't restore\nError (a.c:1): plain\n"))
                .containsExactly("Can't restore (criu/pie/restorer.c:5)", "plain (a.c:1)");
    }

    @Test
    void aConsequenceStandsWhenItIsAllThereIs() throws IOException {
        assertThat(decisive("(00.1) Error (criu/cr-restore.c:2): Restoring FAILED.\n"))
                .containsExactly("Restoring FAILED. (criu/cr-restore.c:2)");
    }

    @Test
    void repetitionsAreDroppedAndNotMoreThanFiveAreGiven() throws IOException {
        StringBuilder log = new StringBuilder();
        IntStream.range(0, 20)
                .forEach(i -> log.append("(00.")
                        .append(i)
                        .append(") Error (a.c:")
                        .append(i / 2)
                        .append("): no ")
                        .append(i / 2)
                        .append('\n'));

        assertThat(decisive(log.toString()))
                .containsExactly("no 0 (a.c:0)", "no 1 (a.c:1)", "no 2 (a.c:2)", "no 3 (a.c:3)", "no 4 (a.c:4)");
    }

    @Test
    void bytesThatAreNoTextDoNotStopTheReading() throws IOException {
        Path log = Files.write(directory.resolve("log"), new byte[] {(byte) 0xff, '\n'});
        Files.writeString(
                log,
                Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1) + "Error (a.c:1): x\n",
                java.nio.charset.StandardCharsets.ISO_8859_1);

        assertThat(CriuLog.decisiveLines(log)).containsExactly("x (a.c:1)");
    }

    @Test
    void aLogThatDoesNotExistSaysNothing() throws IOException {
        assertThat(CriuLog.decisiveLines(directory.resolve("missing"))).isEmpty();
    }

    private List<String> decisive(String log) throws IOException {
        return CriuLog.decisiveLines(Files.writeString(directory.resolve("dump.log"), log));
    }
}
