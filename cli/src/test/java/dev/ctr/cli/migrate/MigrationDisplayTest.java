package dev.ctr.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.agent.migration.MigrationSnapshot;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MigrationDisplayTest {
    private static final MigrationSnapshot FIRST =
            new MigrationSnapshot("round", 1, 2_000_000, 1_000_000, 0, Optional.empty(), Duration.ofMillis(2100));
    private static final MigrationSnapshot SECOND = new MigrationSnapshot(
            "round", 2, 3_000_000, 1_500_000, 250_000, Optional.of(Duration.ofMillis(420)), Duration.ofMillis(2600));

    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    private String shown() {
        return errors.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTerminalGetsOneLineThatIsWrittenOverAndTakenAway() {
        try (MigrationDisplay display = new MigrationDisplay(MigrationDisplay.Style.AUTO, true, errors)) {
            display.report(FIRST);
            display.report(SECOND);
        }
        assertThat(shown())
                .isEqualTo(
                        "\r\u001b[Kround 1  2MB sent  1MB/s  2.1 s"
                                + "\r\u001b[Kround 2  3MB sent  1.5MB/s  dirty 250kB/s  downtime about 420 ms  2.6 s\r\u001b[K");
    }

    @Test
    void whatIsNoTerminalGetsALineForEveryRoundIfAskedFor() {
        try (MigrationDisplay quiet = new MigrationDisplay(MigrationDisplay.Style.AUTO, false, errors)) {
            quiet.report(FIRST);
        }
        assertThat(shown()).isEmpty();
        try (MigrationDisplay plain = new MigrationDisplay(MigrationDisplay.Style.PLAIN, false, errors)) {
            plain.report(FIRST);
            plain.report(FIRST);
            plain.report(SECOND);
        }
        assertThat(shown().lines()).hasSize(2).noneMatch(line -> line.contains("\u001b"));
    }

    @Test
    void jsonHasAllFigures() {
        assertThat(MigrationDisplay.json(SECOND)).hasToString("""
                {"phase":"round","round":2,"bytes_sent":3000000,"bytes_per_second":1500000,"dirty_bytes_per_second":250000,\
                "expected_downtime_ms":420,"elapsed_ms":2600}""");
    }
}
