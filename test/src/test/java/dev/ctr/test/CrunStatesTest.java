package dev.ctr.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;

/** The same contract with crun, where it is installed and can run a container. */
class CrunStatesTest extends ContainerStatesTest {
    @Override
    String runtime() {
        return "crun";
    }

    @BeforeAll
    void probe() {
        assumeTrue(Commands.exists("crun"), "crun is not installed");
        assumeItRuns();
    }
}
