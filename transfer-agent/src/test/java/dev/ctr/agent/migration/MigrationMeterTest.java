package dev.ctr.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MigrationMeterTest {
    private final List<MigrationSnapshot> reports = new CopyOnWriteArrayList<>();
    private final AtomicLong sent = new AtomicLong();

    @Test
    void aPhaseIsReportedOnceAndARoundByItsNumber() {
        try (MigrationMeter meter = new MigrationMeter(reports::add, sent::get)) {
            meter.beginRound(1);
            meter.endRound(new Round(10, 1000, 1000, 50));
            meter.beginRound(2);
            meter.report("dump", 0, 0);
            meter.report("dump", 5, 10);
        }
        assertThat(reports).extracting(MigrationSnapshot::phase).containsExactly("round", "round", "dump");
        assertThat(reports).extracting(MigrationSnapshot::round).containsExactly(1, 2, 2);
    }

    @Test
    void theSecondRoundTellsHowFastMemoryChangesAndHowLongItWouldStandStill() {
        try (MigrationMeter meter = new MigrationMeter(reports::add, sent::get)) {
            meter.start();
            meter.beginRound(1);
            sent.set(1 << 20);
            meter.endRound(new Round(1 << 20, 256, 256, 50));
            meter.beginRound(2);
            await().until(() -> last().bytesPerSecond() > 0);
            assertThat(last().dirtyBytesPerSecond()).isZero();
            meter.endRound(new Round(4096, 100, 100, 50));
            meter.report("freeze", 0, 0);
            assertThat(last().dirtyBytesPerSecond()).isPositive();
            assertThat(last().expectedDowntime())
                    .hasValueSatisfying(time -> assertThat(time).isGreaterThan(Duration.ofMillis(350)));
            assertThat(last().bytesSent()).isEqualTo(1 << 20);
        }
    }

    private MigrationSnapshot last() {
        return reports.get(reports.size() - 1);
    }

    @Test
    void whoeverLooksOnCannotMakeItFail() {
        try (MigrationMeter meter = new MigrationMeter(
                now -> {
                    throw new IllegalStateException("standard error is closed");
                },
                sent::get)) {
            meter.report("freeze", 0, 0);
            meter.beginRound(1);
        }
        assertThat(reports).isEmpty();
    }
}
