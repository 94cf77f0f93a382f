package dev.ctr.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CriuStatisticsTest {
    /** Written by CRIU 4.2.1 when it dumped and restored a sleep. */
    private static final String DUMP =
            "4059105506330957210000000a1f087610e22a18ed0520880128" + "3a300038" + "1f40004800500658066000680070" + "00";

    private static final String RESTORE = "40591055063309570d000000120b080010001803209f1e281f";

    @TempDir
    Path directory;

    @Test
    void readsWhatCriuWrote() throws IOException {
        assertThat(CriuStatistics.readDump(file(DUMP)))
                .isEqualTo(new DumpStatistics(118, 5474, 749, 136, 58, 0, 31, 0));
        assertThat(CriuStatistics.readRestore(file(RESTORE))).isEqualTo(new RestoreStatistics(3, 3871, 0, 0, 31));
    }

    @Test
    void refusesAnotherFile() throws IOException {
        assertThatThrownBy(() -> CriuStatistics.readRestore(file(DUMP)))
                .hasMessageContaining("no statistics of a restore");
        assertThatThrownBy(() -> CriuStatistics.readDump(file("00".repeat(40)))).hasMessageContaining("magic numbers");
        assertThatThrownBy(() -> CriuStatistics.readDump(file(""))).hasMessageContaining("it has 0 bytes");
        assertThatThrownBy(() -> CriuStatistics.readDump(directory.resolve("missing")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesAFileThatIsCutOffOrDamaged() throws IOException {
        for (int length = 24; length < DUMP.length(); length += 2) {
            String cut = DUMP.substring(0, length);
            assertThatThrownBy(() -> CriuStatistics.readDump(file(cut))).isInstanceOf(IOException.class);
        }
        String damaged = DUMP.substring(0, 28) + "ffff" + DUMP.substring(32);
        assertThatThrownBy(() -> CriuStatistics.readDump(file(damaged))).hasMessageContaining("is damaged");
    }

    private Path file(String hex) throws IOException {
        return Files.write(directory.resolve("stats"), HexFormat.of().parseHex(hex));
    }
}
