package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From {@code create} to {@code rm}: states, signals, exit codes, and what {@code ps} and {@code inspect} say meanwhile. */
final class LifecycleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void runPrintsTheFullIdOfADetachedContainer() {
        String id = runDetached("detached", "sleep", "1000");
        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(inspect("detached").path("Id").asText()).isEqualTo(id);
        assertThat(inspect(id.substring(0, 10)).path("Name").asText()).isEqualTo("detached");
    }

    @ParameterizedTest
    @CsvSource({"exit 0,0", "exit 7,7", "exit 255,255", "kill -9 $$,137"})
    void runReturnsTheExitCodeOfTheProgram(String script, int exitCode) {
        // A child, because the first process of a container cannot kill itself.
        CommandResult result =
                root.run("run", "--rm", "--network", "none", "bb", "sh", "-c", "sh -c '" + script + "'; exit $?");
        assertThat(result.exitCode()).isEqualTo(exitCode);
    }

    @ParameterizedTest
    @CsvSource({"/nonexistent,127", "nonexistent,127", "/etc/motd,126", "/etc,126"})
    void runTellsAMissingProgramFromOneThatCannotBeRun(String program, int exitCode) {
        assertThat(root.run("run", "--rm", "--network", "none", "bb", program).failedWith(exitCode))
                .contains(program);
    }

    @Test
    void runFailsWith125IfTheContainerCannotBeCreated() {
        assertThat(root.run("run", "--rm", "nosuch:image", "true").failedWith(125))
                .contains("nosuch:image");
    }

    @Test
    void runWithRmLeavesNothing() {
        String id = Path.of(root.directory().toString(), "rm.cid").toString();
        assertThat(root.run("run", "--rm", "--cidfile", id, "--network", "none", "bb", "true")
                        .exitCode())
                .isZero();
        assertThat(root.ctr("ps", "-a", "-q", "--no-trunc")).doesNotContain(read(Path.of(id)));
        root.ctr("run", "-d", "--rm", "--name", "rm", "--network", "none", "bb", "true");
        await().atMost(PATIENCE)
                .until(() -> !root.ctr("ps", "-a", "--format", "{{.Names}}")
                        .lines()
                        .toList()
                        .contains("rm"));
    }

    @Test
    void createInitAndStartAreSteps() {
        root.ctr("create", "--name", "steps", "--network", "none", "bb", "sleep", "1000");
        assertThat(status("steps")).isEqualTo("created");
        root.ctr("init", "steps");
        assertThat(status("steps")).isEqualTo("initialized");
        assertThat(inspect("steps").at("/State/Pid").asInt()).isPositive();
        assertThat(root.ctr("start", "steps")).isEqualTo("steps");
        assertThat(status("steps")).isEqualTo("running");
    }

    @Test
    void anEndedContainerStartsAgain() {
        String name = "again";
        assertThat(root.run(
                                "run",
                                "--name",
                                name,
                                "--network",
                                "none",
                                "bb",
                                "sh",
                                "-c",
                                "echo once >> /tmp/f; cat /tmp/f")
                        .succeeded())
                .isEqualTo("once");
        assertThat(root.ctr("start", "-a", name)).isEqualTo("once\nonce");
    }

    @Test
    void stopAsksWithTheStopSignal() {
        String script = "trap 'echo bye; exit 3' USR1; echo ready; while :; do sleep 0.05; done";
        runDetached("stop", List.of("--stop-signal", "USR1"), "sh", "-c", script);
        awaitLog("stop", "ready");
        assertThat(root.ctr("stop", "stop")).isEqualTo("stop");
        assertThat(inspect("stop").at("/State/ExitCode").asInt()).isEqualTo(3);
        assertThat(root.ctr("logs", "stop")).endsWith("bye");
    }

    @Test
    void stopKillsWhatDoesNotListen() {
        runDetached("deaf", "sleep", "1000");
        long before = System.nanoTime();
        root.ctr("stop", "-t", "1", "deaf");
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(8));
        JsonNode state = inspect("deaf").path("State");
        assertThat(state.path("ExitCode").asInt()).isEqualTo(137);
        assertThat(state.path("Status").asText()).isEqualTo("exited");
    }

    @Test
    void stopWithoutTimeKillsAtOnce() {
        runDetached("instant", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.05; done");
        root.ctr("stop", "-t", "0", "instant");
        assertThat(root.ctr("wait", "instant")).isEqualTo("137");
        assertThat(root.run("stop", "instant").succeeded()).isEqualTo("instant");
    }

    @Test
    void killSendsTheSignalThatIsNamed() {
        String script = "trap 'echo got USR1' USR1; trap 'exit 5' HUP; echo ready; while :; do sleep 0.05; done";
        runDetached("kill", "sh", "-c", script);
        awaitLog("kill", "ready");
        root.ctr("kill", "-s", "USR1", "kill");
        awaitLog("kill", "got USR1");
        root.ctr("kill", "--signal", "1", "kill");
        assertThat(root.ctr("wait", "kill")).isEqualTo("5");
        assertThat(root.run("kill", "kill").failedWith(125)).contains("container state improper");
    }

    @Test
    void aPausedContainerStandsStill() {
        runDetached("pause", Ticks.command().toArray(String[]::new));
        awaitLog("pause", "tick 3");
        root.ctr("pause", "pause");
        int paused = Ticks.last(root.ctr("logs", "pause"));
        assertThat(status("pause")).isEqualTo("paused");
        assertThat(Ticks.last(root.ctr("logs", "pause"))).isEqualTo(paused);
        assertThat(root.run("pause", "pause").failedWith(125)).contains("already paused");
        assertThat(root.run("rm", "pause").failedWith(2)).contains("without force");
        root.ctr("unpause", "pause");
        awaitLog("pause", "tick " + (paused + 5));
        assertThat(Ticks.areComplete(root.ctr("logs", "pause"))).isTrue();
    }

    @Test
    void waitPrintsTheExitCodeWhenTheContainerEnds() {
        runDetached("wait", "sh", "-c", "sleep 1; exit 42");
        assertThat(root.ctr("wait", "wait")).isEqualTo("42");
        assertThat(root.ctr("wait", "wait")).isEqualTo("42");
    }

    @Test
    void waitAlsoWaitsForOtherStates() {
        root.ctr("create", "--name", "states", "--network", "none", "bb", "sleep", "1000");
        assertThat(root.ctr("wait", "--condition", "configured", "states")).isEqualTo("-1");
        root.ctr("start", "states");
        assertThat(root.ctr("wait", "--condition", "running", "states")).isEqualTo("-1");
    }

    @Test
    void aRenamedContainerHasOnlyTheNewName() {
        String id = root.ctr("create", "--name", "old", "--network", "none", "bb", "true");
        root.ctr("rename", "old", "new");
        assertThat(inspect("new").path("Id").asText()).isEqualTo(id);
        assertThat(root.run("inspect", "--type", "container", "old").exitCode()).isEqualTo(125);
        assertThat(root.ctr("create", "--name", "old", "--network", "none", "bb", "true"))
                .isNotEqualTo(id);
        assertThat(root.run("rename", "new", "old").failedWith(125)).contains("already in use");
    }

    @Test
    void aNameCanBeUsedOnce() {
        String id = root.ctr("create", "--name", "taken", "--network", "none", "bb", "true");
        assertThat(root.run("create", "--name", "taken", "--network", "none", "bb", "true")
                        .failedWith(125))
                .contains("the container name \"taken\" is already in use by " + id);
    }

    @Test
    void aRunningContainerIsRemovedOnlyByForce() {
        String id = runDetached("rmf", "sleep", "1000");
        assertThat(root.run("rm", "rmf").failedWith(2))
                .isEqualTo("Error: cannot remove container " + id
                        + " as it is running - running or paused containers cannot be removed without force:"
                        + " container state improper");
        assertThat(status("rmf")).isEqualTo("running");
        assertThat(root.ctr("rm", "-f", "-t", "0", "rmf")).isEqualTo("rmf");
        assertThat(root.run("rm", "rmf").failedWith(1))
                .isEqualTo("Error: no container with name or ID \"rmf\" found: no such container");
        assertThat(root.run("rm", "-f", "rmf").exitCode()).isZero();
    }

    @Test
    void restartOnFailureStartsAsOftenAsItSays() {
        runDetached("flaky", List.of("--restart", "on-failure:2"), "sh", "-c", "echo started; exit 4");
        await().atMost(PATIENCE)
                .until(() -> inspect("flaky").path("RestartCount").asInt() == 2
                        && status("flaky").equals("exited"));
        assertThat(root.ctr("logs", "flaky").lines()).containsExactly("started", "started", "started");
        assertThat(inspect("flaky").at("/State/ExitCode").asInt()).isEqualTo(4);
    }

    @Test
    void restartOnFailureLetsSuccessBe() {
        runDetached("fine", List.of("--restart", "on-failure:2"), "sh", "-c", "echo started");
        assertThat(root.ctr("wait", "fine")).isEqualTo("0");
        assertThat(inspect("fine").path("RestartCount").asInt()).isZero();
        assertThat(root.ctr("logs", "fine")).isEqualTo("started");
    }

    @Test
    void idAndProcessNumberAreWrittenToFiles() {
        Path id = root.directory().resolve("files.cid");
        Path pid = root.directory().resolve("files.pid");
        String printed =
                runDetached("files", List.of("--cidfile", id.toString(), "--pidfile", pid.toString()), "sleep", "1000");
        assertThat(id).hasContent(printed);
        assertThat(read(pid).strip())
                .isEqualTo(inspect("files").at("/State/Pid").asText());
        assertThat(root.run("create", "--cidfile", id.toString(), "bb", "true").failedWith(125))
                .contains("container ID file exists");
    }

    @Test
    void psShowsWhatRunsAndWithAllTheRest() {
        String running = runDetached("ps-running", "sleep", "1000");
        root.run("run", "--name", "ps-ended", "--network", "none", "bb", "sh", "-c", "exit 3");
        List<String> table = root.ctr("ps").lines().toList();
        assertThat(table.get(0)).matches("CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES");
        assertThat(table)
                .anySatisfy(line -> assertThat(line)
                        .startsWith(running.substring(0, 12))
                        .contains("localhost/bb:latest", "sleep 1000", "Up ")
                        .endsWith("ps-running"));
        assertThat(root.ctr("ps", "--format", "{{.Names}}").lines())
                .contains("ps-running")
                .doesNotContain("ps-ended");
        assertThat(root.ctr("ps", "-a", "--format", "{{.Names}}\t{{.Status}}").lines())
                .anyMatch(line -> line.startsWith("ps-running\tUp "))
                .anyMatch(line -> line.startsWith("ps-ended\tExited (3) "));
        JsonNode ended = JsonOutput.of(root.ctr("ps", "-a", "--filter", "name=ps-ended", "--format", "json"));
        assertThat(ended).hasSize(1);
        assertThat(ended.get(0).path("Names")).singleElement().hasToString("\"ps-ended\"");
        assertThat(ended.get(0).path("ExitCode").asInt()).isEqualTo(3);
        assertThat(ended.get(0).path("Exited").asBoolean()).isTrue();
        assertThat(ended.get(0).path("State").asText()).isEqualTo("exited");
    }

    @Test
    void inspectSaysWhatTheContainerIs() {
        runDetached("inspected", List.of("-e", "A=b", "-l", "k=v", "-w", "/tmp"), "sleep", "1000");
        JsonNode found = inspect("inspected");
        assertThat(found.path("Path").asText()).isEqualTo("sleep");
        assertThat(found.path("Args")).singleElement().hasToString("\"1000\"");
        assertThat(found.path("ImageName").asText()).isEqualTo("localhost/bb:latest");
        assertThat(found.at("/Config/Env"))
                .anySatisfy(variable -> assertThat(variable.asText()).isEqualTo("A=b"));
        assertThat(found.at("/Config/Labels/k").asText()).isEqualTo("v");
        assertThat(found.at("/Config/WorkingDir").asText()).isEqualTo("/tmp");
        assertThat(found.at("/State/Running").asBoolean()).isTrue();
        assertThat(ProcessHandle.of(found.at("/State/Pid").asLong())).isPresent();
        assertThat(ProcessHandle.of(found.at("/State/ConmonPid").asLong())).isPresent();
        assertThat(root.ctr("inspect", "--format", "{{.State.Status}} {{.HostConfig.NetworkMode}}", "inspected"))
                .isEqualTo("running none");
    }

    private static String runDetached(String name, String... command) {
        return runDetached(name, List.of(), command);
    }

    private static String runDetached(String name, List<String> flags, String... command) {
        List<String> words = new ArrayList<>(List.of("run", "-d", "--name", name, "--network", "none"));
        words.addAll(flags);
        words.add("bb");
        words.addAll(List.of(command));
        return root.ctr(words.toArray(String[]::new));
    }

    private static JsonNode inspect(String container) {
        return JsonOutput.inspect(root, container);
    }

    private static String status(String container) {
        return inspect(container).at("/State/Status").asText();
    }

    private static void awaitLog(String container, String line) {
        await().atMost(PATIENCE).until(() -> root.ctr("logs", container).lines().anyMatch(line::equals));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
