package dev.ctr.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProcessSignalsTest {

    @Test
    void anActionRunsForEachSignalUntilItIsUnregistered() throws IOException, InterruptedException {
        CountDownLatch came = new CountDownLatch(1);
        AtomicInteger outer = new AtomicInteger();
        try (ProcessSignals.Registration before = ProcessSignals.on("USR1", outer::incrementAndGet)) {
            assertThat(before).isNotNull();
            try (ProcessSignals.Registration registration = ProcessSignals.on("USR1", came::countDown)) {
                assertThat(registration).isNotNull();
                signalThisProcess();
                assertThat(came.await(10, TimeUnit.SECONDS)).isTrue();
                assertThat(outer).hasValue(0);
            }
            signalThisProcess();
            for (int i = 0; i < 100 && outer.get() == 0; i++) {
                Thread.sleep(100);
            }
            assertThat(outer).hasValue(1);
        }
    }

    @Test
    void signalsThatTheJvmNeedsAreRefused() {
        assertThatThrownBy(() -> ProcessSignals.on("SEGV", () -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SEGV");
    }

    private static void signalThisProcess() throws IOException, InterruptedException {
        Process kill = new ProcessBuilder(
                        "kill", "-USR1", String.valueOf(ProcessHandle.current().pid()))
                .start();
        assertThat(kill.waitFor()).isZero();
    }
}
