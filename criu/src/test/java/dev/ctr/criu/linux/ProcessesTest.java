package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ProcessesTest {
    private final String mark = "mark-" + UUID.randomUUID();
    private ChildProcess child;
    private ProcessIdentity identity;

    @BeforeEach
    void start() throws Exception {
        // A second command keeps sh from replacing itself by sleep.
        child = new ProcessLaunch(List.of("sh", "-c", "sleep 100; :", mark), Map.of("PATH", "/usr/bin:/bin")).start();
        identity = ProcessIdentity.of(child.pid()).orElseThrow();
    }

    @AfterEach
    void end() throws Exception {
        for (ProcessIdentity sleep : Processes.children(child.pid())) {
            Processes.kill(sleep, 9);
        }
        child.kill(9);
        child.waitFor();
    }

    @Test
    void aZombieIsDeadAndANumberAloneIsNoIdentity() throws Exception {
        assertThat(identity.isAlive()).isTrue();
        assertThat(new ProcessIdentity(identity.pid(), identity.startTicks() - 1).isAlive())
                .isFalse();
        assertThat(Processes.awaitEnd(identity, Duration.ofMillis(20))).isFalse();

        assertThat(Processes.kill(identity, 9)).isTrue();

        assertThat(Processes.awaitEnd(identity, Duration.ofSeconds(10))).isTrue();
        assertThat(identity.isAlive()).isFalse();
        assertThat(ProcessIdentity.of(child.pid())).as("the zombie").contains(identity);
        assertThat(Processes.kill(identity, 9)).isFalse();
        child.waitFor();
        assertThat(ProcessIdentity.of(child.pid())).isEmpty();
    }

    @Test
    void doesNotSignalAnotherProcessWithTheSameNumber() throws Exception {
        ProcessIdentity earlier = new ProcessIdentity(identity.pid(), identity.startTicks() - 1);

        assertThat(Processes.kill(earlier, 9)).isFalse();
        assertThat(Processes.awaitEnd(earlier, Duration.ZERO)).isTrue();
        assertThat(identity.isAlive()).isTrue();
    }

    @Test
    void findsAProcessByAWholeArgument() throws Exception {
        assertThat(Processes.withArgument(mark)).containsExactly(identity);
        assertThat(Processes.withArgument(mark.substring(1))).isEmpty();
        assertThat(Processes.arguments(child.pid())).containsExactly("sh", "-c", "sleep 100; :", mark);
    }

    @Test
    void findsChildren() throws Exception {
        assertThat(Processes.children(ProcessHandle.current().pid())).contains(identity);
        List<ProcessIdentity> children = Processes.children(child.pid());
        for (int i = 0; i < 100 && children.isEmpty(); i++) {
            Thread.sleep(20);
            children = Processes.children(child.pid());
        }
        assertThat(children).hasSize(1);
    }

    @Test
    void aNumberThatNobodyHasIsNotKilled() throws Exception {
        assertThat(Processes.kill(4_194_305, 0)).isFalse();
        assertThat(Processes.kill(child.pid(), 0)).isTrue();
    }

    @Test
    void thisProcessIsAlive() {
        assertThat(ProcessIdentity.self().isAlive()).isTrue();
    }
}
