package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Streams: further programs in a running container, its log, and being attached to it. */
final class ExecAndLogsTest {
    private static final String NAME = "streams";
    private static CtrRoot root;

    @BeforeAll
    static void runAContainer() {
        root = CtrRoot.create().withBusybox();
        root.ctr(
                "run",
                "-d",
                "--name",
                NAME,
                "--network",
                "none",
                "-e",
                "A=container",
                "-w",
                "/tmp",
                "bb",
                "sleep",
                "1000");
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void execReturnsTheExitCodeAndKeepsTheStreamsApart() {
        CommandResult result = root.run("exec", NAME, "sh", "-c", "echo out; echo err >&2; exit 9");
        assertThat(result.output()).isEqualTo("out\n");
        assertThat(result.errors()).isEqualTo("err\n");
        assertThat(result.exitCode()).isEqualTo(9);
    }

    @Test
    void execTellsAMissingProgramFromOneThatCannotBeRun() {
        assertThat(root.run("exec", NAME, "/nonexistent").failedWith(127)).contains("/nonexistent");
        assertThat(root.run("exec", NAME, "/etc/motd").failedWith(126)).contains("/etc/motd");
    }

    @Test
    void execReadsStandardInputOnlyWhenAsked() {
        String input = "first\nsecond\n";
        assertThat(withInput(input, root.command("exec", "-i", NAME, "cat")).output())
                .isEqualTo(input);
        assertThat(withInput(input, root.command("exec", NAME, "cat")).output()).isEmpty();
    }

    @Test
    void execCarriesMuchDataInBothDirections() {
        String sum = "head -c 3000000 /dev/zero | tr '\\0' 'x' | \"$@\" | tr -d '\\n' | wc -c";
        assertThat(pipe(sum, root.command("exec", "-i", NAME, "cat"))).isEqualTo("3000000");
    }

    @Test
    void execRunsAsAnotherUserElsewhereWithMoreVariables() {
        String report = "echo $A $B; pwd; id -u; id -g";
        assertThat(root.ctr("exec", NAME, "sh", "-c", report).lines()).containsExactly("container", "/tmp", "0", "0");
        assertThat(root.ctr("exec", "-u", "12:34", "-w", "/app", "-e", "B=exec", NAME, "sh", "-c", report)
                        .lines())
                .containsExactly("container exec", "/app", "12", "34");
    }

    @Test
    void aDetachedProgramRunsOnItsOwn() {
        String session = root.ctr("exec", "-d", NAME, "sh", "-c", "echo done > /tmp/detached; sleep 1000");
        assertThat(session).matches("[0-9a-f]{64}");
        await().until(() -> root.run("exec", NAME, "cat", "/tmp/detached").exitCode() == 0);
        assertThat(root.ctr("inspect", "-f", "{{.ExecIDs}}", NAME)).contains(session);
        root.ctr("exec", NAME, "sh", "-c", "kill -9 $(pidof sleep | tr ' ' '\\n' | grep -v '^1$')");
        await().until(() -> !root.ctr("inspect", "-f", "{{.ExecIDs}}", NAME).contains(session));
    }

    @Test
    void execNeedsARunningContainer() {
        root.ctr("create", "--name", "created", "--network", "none", "bb", "true");
        assertThat(root.run("exec", "created", "true").failedWith(125))
                .contains("can only create exec sessions on running containers");
    }

    @Test
    void logsKeepTheStreamsApart() {
        root.run(
                "run",
                "--name",
                "logs",
                "--network",
                "none",
                "bb",
                "sh",
                "-c",
                "echo out; echo err >&2; printf partial");
        CommandResult logs = root.run("logs", "logs");
        assertThat(logs.output().lines()).containsExactly("out", "partial");
        assertThat(logs.errors()).isEqualTo("err\n");
    }

    @Test
    void logsEndWithTheTailThatIsAskedFor() {
        root.run("run", "--name", "tail", "--network", "none", "bb", "seq", "100");
        assertThat(root.ctr("logs", "tail").lines()).hasSize(100);
        assertThat(root.ctr("logs", "--tail", "2", "tail").lines()).containsExactly("99", "100");
        assertThat(root.ctr("logs", "--tail", "0", "tail")).isEmpty();
    }

    @Test
    void logsSayWhenEachLineWasWritten() {
        OffsetDateTime before = OffsetDateTime.now(ZoneOffset.UTC);
        root.run("run", "--name", "times", "--network", "none", "bb", "sh", "-c", "echo one; sleep 0.2; echo two");
        List<String[]> lines = root.ctr("logs", "-t", "times")
                .lines()
                .map(line -> line.split(" ", 2))
                .toList();
        assertThat(lines).extracting(line -> line[1]).containsExactly("one", "two");
        OffsetDateTime one = OffsetDateTime.parse(lines.get(0)[0]);
        OffsetDateTime two = OffsetDateTime.parse(lines.get(1)[0]);
        assertThat(one).isBetween(before, OffsetDateTime.now(ZoneOffset.UTC));
        assertThat(Duration.between(one, two)).isGreaterThan(Duration.ofMillis(150));
        assertThat(root.ctr("logs", "--since", two.toString(), "times")).isEqualTo("two");
        assertThat(root.ctr("logs", "--until", two.toString(), "times")).isEqualTo("one");
    }

    @Test
    void followedLogsEndWithTheContainer() {
        root.ctr(
                "run",
                "-d",
                "--name",
                "follow",
                "--network",
                "none",
                "bb",
                "sh",
                "-c",
                "echo early; sleep 1.5; echo late");
        assertThat(root.ctr("logs", "-f", "follow").lines()).containsExactly("early", "late");
        assertThat(root.ctr("logs", "-f", "follow").lines()).containsExactly("early", "late");
    }

    @Test
    void runConnectsStandardInput() {
        List<String> cat = root.command("run", "--rm", "-i", "--network", "none", "bb", "sh", "-c", "cat; exit 6");
        CommandResult result = withInput("to the container\n", cat);
        assertThat(result.output()).isEqualTo("to the container\n");
        assertThat(result.exitCode()).isEqualTo(6);
    }

    @Test
    void runGivesATerminalWhenAsked() {
        String test = "test -t 0 && test -t 1 && echo terminal || echo none";
        assertThat(root.ctr("run", "--rm", "-t", "--network", "none", "bb", "sh", "-c", test))
                .isEqualTo("terminal");
        assertThat(root.ctr("run", "--rm", "--network", "none", "bb", "sh", "-c", test))
                .isEqualTo("none");
    }

    private static CommandResult withInput(String input, List<String> command) {
        return shell("input=$1; shift; printf %s \"$input\" | \"$@\"", input, command);
    }

    private static String pipe(String script, List<String> command) {
        return shell("shift; " + script, "", command).succeeded();
    }

    private static CommandResult shell(String script, String first, List<String> command) {
        List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh", first));
        words.addAll(command);
        return Commands.run(Map.of(), words);
    }
}
