package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.lifecycle.ContainerId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What can go wrong with a migration, at each of its steps, while a client counts on one connection: afterwards one copy runs, or one
 * command brings it back; nothing else is left, and the next migration works. The command is the source's side of a migration, so
 * killing it is killing the source. Takes long: {@code -Dctr.migration.all} runs it.
 */
@EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
class MigrationFaultTest {
    private static final List<String> BEFORE_FREEZE =
            List.of("source-begun", "source-round", "source-files", "source-rehearsed", "source-freeze");
    private static final List<String> BEFORE_COMMIT = Stream.concat(
                    BEFORE_FREEZE.stream(), Stream.of("source-final", "source-staged"))
            .toList();
    private static final List<String> FROZEN = List.of("source-final", "source-staged", "source-given-away");
    private static final List<String> HELD = List.of("target-held", "target-commit", "target-granted");
    private static final List<String> AT_COMMIT = List.of("source-given-away", "source-told", "source-confirm");
    private static final List<String> ON_TARGET = List.of(
            "target-begin",
            "target-level",
            "target-files",
            "target-rehearsed",
            "target-final",
            "target-held",
            "target-commit",
            "target-granted",
            "target-runs",
            "target-confirm");

    private static @Nullable World world;

    /** What the cases share: the client counts on one connection through all of them. */
    private record World(MigratingRedis redis, Counting client) {}

    private MigratingRedis redis;
    private Counting client;
    private boolean passed;

    @BeforeEach
    void makeHosts() throws IOException, InterruptedException {
        World shared = world;
        if (shared == null) {
            MigratingRedis made = MigratingRedis.make();
            try {
                shared = new World(made, made.startRedis());
                world = shared;
            } catch (IOException | RuntimeException | AssertionError e) {
                made.close();
                throw e;
            }
        }
        redis = shared.redis();
        client = shared.client();
        client.forgetGaps();
    }

    /** What a case that failed has left is nothing to begin with. */
    @AfterEach
    void leaveNothingOfAFailure() throws InterruptedException, IOException {
        if (!passed) {
            leaveNothing();
        }
    }

    @AfterAll
    static void leaveNothing() throws InterruptedException, IOException {
        World shared = world;
        world = null;
        if (shared != null) {
            try (MigratingRedis ignored = shared.redis()) {
                shared.client().close();
            }
        }
    }

    /** Settles what is open, looks that one copy runs and nothing is left, and brings it back to the first host. */
    private boolean settled(String label) throws IOException {
        boolean there = redis.resolve(redis.awaitMigration()).equals("done");
        TestHost here = there ? redis.b() : redis.a();
        redis.assertRunsOnlyOn(here, client);
        System.out.println(label + ": " + (there ? "there" : "here") + ", largest gap "
                + client.largestGap().toMillis() + " ms");
        if (there) {
            redis.agents().ensure(redis.a());
            redis.migrate(redis.b(), redis.a()).succeeded();
            redis.assertRunsOnlyOn(redis.a(), client);
        }
        passed = true;
        return there;
    }

    static Stream<String> sourceSteps() {
        return Stream.concat(BEFORE_COMMIT.stream(), AT_COMMIT.stream());
    }

    @ParameterizedTest
    @MethodSource("sourceSteps")
    void aCommandThatIsKilledLeavesOneCopyOrOneCommandToGetIt(String step) throws Exception {
        redis.agents().ensure(redis.b());
        Process command = redis.start(step, "--strategy", "pre-copy");
        assertThat(MigratingRedis.code(command)).as(redis.said()).isEqualTo(137);
        boolean ran = settled("command killed at " + step);
        assertThat(ran).isEqualTo(List.of("source-told", "source-confirm").contains(step));
    }

    static Stream<String> targetSteps() {
        return ON_TARGET.stream();
    }

    @ParameterizedTest
    @MethodSource("targetSteps")
    void anAgentThatIsKilledLeavesOneCopyOrOneCommandToGetIt(String step) throws Exception {
        redis.agents().restart(redis.b(), step);
        Process command = redis.start("", "--strategy", "pre-copy");
        redis.agents().awaitEnd(redis.b());
        redis.agents().restart(redis.b(), "");
        int code = MigratingRedis.code(command);
        boolean ran = settled("agent killed at " + step);
        assertThat(ran).isEqualTo(List.of("target-runs", "target-confirm").contains(step));
        assertThat(code).as(redis.said()).isEqualTo(ran ? 0 : 125);
    }

    static Stream<Arguments> linkSteps() {
        return Stream.of(
                        "source-round",
                        "source-final",
                        "source-staged",
                        "source-given-away",
                        "target-commit",
                        "target-runs",
                        "source-told")
                .flatMap(step -> Stream.of("both", "to-target", "to-source").map(way -> Arguments.of(step, way)));
    }

    @ParameterizedTest
    @MethodSource("linkSteps")
    void aLinkThatIsDownForAWhileLeavesOneCopy(String step, String way) throws Exception {
        boolean onTarget = step.startsWith("target");
        redis.agents().restart(redis.b(), onTarget ? redis.holdAt(step) : "");
        Process command = redis.start(onTarget ? "" : redis.holdAt(step), "--strategy", "pre-copy");
        redis.awaitHeld();
        cut(way);
        redis.letGo();
        boolean toBeGivenAway = List.of("source-staged", "source-given-away").contains(step);
        boolean told = step.equals("source-told");
        boolean wordArrives = told || (onTarget && way.equals("to-target"));
        if ((onTarget || toBeGivenAway) && !wordArrives) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> redis.said().contains("no word of the target"));
        } else if (step.equals("source-final") && way.equals("to-target")) {
            // It is given away if all of it had arrived before.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> !command.isAlive() || redis.said().contains("no word of the target"));
        } else {
            assertThat(MigratingRedis.code(command)).as(redis.said()).isEqualTo(wordArrives ? 0 : 125);
        }
        mend(way);
        int code = MigratingRedis.code(command);
        boolean there = settled("link down " + way + " at " + step);
        assertThat(code).as(redis.said()).isEqualTo(there ? 0 : 125);
        assertThat(there).isEqualTo(onTarget || told || (toBeGivenAway && way.equals("to-source")));
    }

    private void cut(String way) {
        if (way.equals("both")) {
            redis.hosts().setLink(1, false);
        } else {
            redis.b().sh("iptables -I " + chain(way) + " -p tcp " + port(way) + " -j DROP");
        }
    }

    private void mend(String way) {
        if (way.equals("both")) {
            redis.hosts().setLink(1, true);
        } else {
            redis.b().sh("iptables -D " + chain(way) + " -p tcp " + port(way) + " -j DROP");
        }
    }

    private static String chain(String way) {
        return way.equals("to-target") ? "INPUT" : "OUTPUT";
    }

    private static String port(String way) {
        return way.equals("to-target") ? "--dport 7443" : "--sport 7443";
    }

    /** What there is to be killed at a step; the program itself when it is not what runs any more. */
    static Stream<Arguments> helpers() {
        List<Victim> all = List.of(Victim.CRIU, Victim.RUNC, Victim.CONMON, Victim.PROGRAM);
        return Stream.of(
                        of(Victim.CONMON, BEFORE_FREEZE.stream()),
                        all.stream().flatMap(victim -> of(victim, FROZEN.stream())),
                        all.stream().flatMap(victim -> of(victim, HELD.stream())),
                        of(Victim.CONMON, Stream.of("target-runs")))
                .flatMap(cases -> cases);
    }

    private static Stream<Arguments> of(Victim victim, Stream<String> steps) {
        return steps.map(step -> Arguments.of(step, victim));
    }

    @ParameterizedTest
    @MethodSource("helpers")
    void aHelperThatIsKilledLeavesOneCopy(String step, Victim victim) throws Exception {
        boolean onTarget = step.startsWith("target");
        ContainerId id = RedisHosts.redis(redis.a()).id();
        redis.agents().restart(redis.b(), onTarget ? redis.holdAt(step) : "");
        Process command = redis.start(onTarget ? "" : redis.holdAt(step), "--strategy", "pre-copy");
        redis.awaitHeld();
        victim.kill(onTarget ? redis.b() : redis.a(), id);
        redis.letGo();
        int code = MigratingRedis.code(command);
        System.out.println(redis.said().strip());
        boolean there = settled(victim + " killed at " + step);
        assertThat(code).as(redis.said()).isEqualTo(there ? 0 : 125);
        if (!there) {
            // It may have no conmon any more: a migration gives it another.
            goThereAndBack();
        }
    }

    static Stream<String> stepsBeforeTheFreeze() {
        return BEFORE_FREEZE.stream();
    }

    @ParameterizedTest
    @MethodSource("stepsBeforeTheFreeze")
    void aProgramThatIsKilledIsOverAndOneCommandStartsIt(String step) throws Exception {
        redis.agents().ensure(redis.b());
        Process command = redis.start(redis.holdAt(step), "--strategy", "pre-copy");
        redis.awaitHeld();
        client.giveUp();
        Victim.PROGRAM.kill(redis.a(), RedisHosts.redis(redis.a()).id());
        redis.letGo();
        assertThat(MigratingRedis.code(command)).as(redis.said()).isEqualTo(125);
        assertThat(redis.said()).contains("its program has ended meanwhile, with exit code 137: ctr start redis");
        assertThat(redis.resolve(redis.awaitMigration())).isEqualTo("cancelled");
        redis.assertNothingOn(redis.b());
        redis.a().ctr("start", RedisHosts.NAME);
        client = redis.hosts().count(redis.hosts().address());
        world = new World(redis, client);
        redis.assertRunsOnlyOn(redis.a(), client);
        goThereAndBack();
    }

    private void goThereAndBack() throws IOException {
        passed = false;
        redis.agents().ensure(redis.a());
        redis.migrate(redis.a(), redis.b()).succeeded();
        redis.migrate(redis.b(), redis.a()).succeeded();
        redis.assertRunsOnlyOn(redis.a(), client);
        passed = true;
    }

    static Stream<String> targetPauses() {
        return Stream.of("target-level", "target-final", "target-held", "target-commit", "target-runs");
    }

    @ParameterizedTest
    @MethodSource("targetPauses")
    void anAgentThatIsStoppedForHalfAMinuteLeavesOneCopy(String step) throws Exception {
        Process agent = redis.agents().restart(redis.b(), redis.holdAt(step));
        Process command = redis.start("", "--strategy", "pre-copy");
        redis.awaitHeld();
        pause(agent, () -> {});
        int code = MigratingRedis.code(command);
        boolean there = settled("agent stopped at " + step);
        assertThat(there).isEqualTo(List.of("target-commit", "target-runs").contains(step));
        assertThat(code).as(redis.said()).isEqualTo(there ? 0 : 125);
    }

    @ParameterizedTest
    @ValueSource(strings = {"source-round", "source-final", "source-staged", "source-given-away", "source-told"})
    void aCommandThatIsStoppedForHalfAMinuteGoesOn(String step) throws Exception {
        redis.agents().ensure(redis.b());
        Process command = redis.start(redis.holdAt(step), "--strategy", "pre-copy");
        redis.awaitHeld();
        pause(command, () -> {
            if (step.equals("source-final")) {
                assertThat(redis.saidMeanwhile()).contains("waiting for container", "is stopped, and kill -CONT");
            }
        });
        int code = MigratingRedis.code(command);
        assertThat(code).as(redis.said()).isZero();
        assertThat(settled("command stopped at " + step)).isTrue();
    }

    /** Stops a process that waits at a step for half a minute, and lets it go on from there. */
    private void pause(Process process, Runnable meanwhile) throws IOException, InterruptedException {
        MigratingRedis.stop(process);
        redis.letGo();
        meanwhile.run();
        Thread.sleep(Duration.ofSeconds(30).toMillis());
        MigratingRedis.goOn(process);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "target-level",
                "target-files",
                "target-rehearsed",
                "target-final",
                "target-held",
                "target-granted",
                "target-runs"
            })
    void aDiskThatIsFullOnTheTargetLeavesOneCopy(String step) throws Exception {
        redis.agents().restart(redis.b(), redis.holdAt(step));
        Process command = redis.start("", "--strategy", "pre-copy");
        int code = fillAtStep(redis.b(), command);
        boolean there = settled("disk of the target full at " + step);
        assertThat(there).isEqualTo(step.equals("target-runs"));
        assertThat(code).as(redis.said()).isEqualTo(there ? 0 : 125);
    }

    @ParameterizedTest
    @MethodSource("sourceSteps")
    void aDiskThatIsFullOnTheSourceLeavesOneCopy(String step) throws Exception {
        redis.agents().ensure(redis.b());
        Process command = redis.start(redis.holdAt(step), "--strategy", "pre-copy");
        int code = fillAtStep(redis.a(), command);
        boolean there = settled("disk of the source full at " + step);
        assertThat(there).isEqualTo(AT_COMMIT.contains(step));
        // What is written after that may fail, and nobody needs it.
        assertThat(code).as(redis.said()).isEqualTo(step.equals("source-confirm") ? 0 : 125);
    }

    /** Fills a host's disk while a process waits at a step, and empties it when the command has ended. */
    private int fillAtStep(TestHost host, Process command) throws IOException, InterruptedException {
        redis.awaitHeld();
        try {
            redis.disk(host).fill();
            redis.letGo();
            int code = MigratingRedis.code(command);
            System.out.println(redis.said().strip());
            return code;
        } finally {
            redis.disk(host).empty();
        }
    }

    static Stream<String> cancelSteps() {
        return BEFORE_COMMIT.stream();
    }

    @ParameterizedTest
    @MethodSource("cancelSteps")
    void aMigrationThatIsCancelledLeavesItRunningWhereItWas(String step) throws Exception {
        redis.agents().ensure(redis.b());
        Process command = redis.start(redis.holdAt(step), "--strategy", "pre-copy");
        redis.awaitHeld();
        redis.a().ctr("migrate", "cancel", redis.awaitMigration());
        redis.letGo();
        long cancelled = System.nanoTime();
        client.awaitMore();
        System.out.println("counts again after " + (System.nanoTime() - cancelled) / 1_000_000 + " ms");
        assertThat(MigratingRedis.code(command)).as(redis.said()).isEqualTo(125);
        assertThat(settled("cancelled at " + step)).isFalse();
    }
}
