package dev.ctr.criu.linux;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;

/** What a test that needs root asks first. */
final class Root {
    private Root() {}

    /** Skips the test unless this process has CAP_SYS_ADMIN, without which nothing can be mounted. */
    static void assumed() throws IOException {
        assumeTrue(EffectiveCapabilities.read().has(EffectiveCapabilities.CAP_SYS_ADMIN), "needs CAP_SYS_ADMIN");
    }
}
