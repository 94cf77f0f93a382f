package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerSweepTest {
    private static final String BOOT = "0123abcd";
    private static final int SWEEPERS = 8;

    /** No namespace has such an inode: the kernel counts them from 4026531840 on. */
    private static final long NO_NAMESPACE = 1_000;

    @TempDir
    Path base;

    @Test
    void removesThoseOfEarlierBootsAndOfNamespacesThatAreGone() throws Exception {
        ledger("ffff0000-4026531840", Duration.ZERO);
        ledger(BOOT + "-" + NO_NAMESPACE, Duration.ofHours(2));
        Path touched = ledger(BOOT + "-" + (NO_NAMESPACE + 1), Duration.ofMinutes(2));

        LedgerSweep.run(base, BOOT);

        assertThat(ledgers()).containsExactly(touched);
    }

    @Test
    void manyMaySweepAtTheSameTime() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SWEEPERS);
        try {
            for (int round = 0; round < 100; round++) {
                for (int ledger = 0; ledger < 5; ledger++) {
                    ledger(BOOT + "-" + (NO_NAMESPACE + ledger), Duration.ofHours(2));
                }
                Callable<Boolean> sweep = () -> {
                    LedgerSweep.run(base, BOOT);
                    return true;
                };
                for (Future<Boolean> sweeper : threads.invokeAll(Collections.nCopies(SWEEPERS, sweep))) {
                    assertThat(sweeper.get()).isTrue();
                }
                assertThat(ledgers()).isEmpty();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Path> ledgers() throws IOException {
        try (Stream<Path> entries = Files.list(base)) {
            return entries.filter(Files::isDirectory).toList();
        }
    }

    private Path ledger(String name, Duration age) throws IOException {
        Path ledger = base.resolve(name);
        Files.createDirectories(ledger.resolve("addresses/podman"));
        Files.writeString(ledger.resolve("addresses/podman/10.88.0.2"), "web\r\neth0");
        Path claims = Files.createDirectories(ledger.resolve("claims"));
        Files.setLastModifiedTime(claims, FileTime.from(Instant.now().minus(age)));
        return ledger;
    }
}
