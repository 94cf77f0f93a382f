package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A container moves whose program goes on changing a large volume and its root file system. Takes long: {@code
 * -Dctr.migration.all} runs it.
 */
@EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
class VolumeMigrationTest {
    private static final String NAME = "writer";
    private static final String VOLUME = "blocks";
    private static final int MEBIBYTES = 500;

    private TestHosts hosts;
    private TestHost a;
    private TestHost b;
    private TestAgents agents;

    @BeforeEach
    void makeHosts() throws IOException {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        assumeTrue(Commands.exists("perl"), "perl is not installed");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the program's system calls are those of amd64");
        hosts = TestHosts.of(2);
        a = hosts.host(0);
        b = hosts.host(1);
        Path tar = BlockProgram.image(a.root().directory());
        for (TestHost host : List.of(a, b)) {
            try (InputStream in = Files.newInputStream(tar)) {
                host.engine().images().importTar(in, new ImportOptions("blocks", List.of(), ""));
            }
        }
        agents = TestAgents.of(a, b);
        agents.start(b);
    }

    @AfterEach
    void leaveNothing() throws InterruptedException {
        if (agents != null) {
            agents.close();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    private void startWriter(int mebibytes) throws IOException, InterruptedException {
        a.call(() -> {
            Container writer = a.engine()
                    .create(CreateOptions.fromImage("blocks")
                            .name(NAME)
                            .network("none")
                            .volume(new CreateOptions.Volume(VOLUME, BlockProgram.PLACE, List.of()))
                            .command(BlockProgram.command(mebibytes)));
            writer.start();
            return writer;
        });
        BlockProgram.awaitBegin(volume(a));
    }

    private static Path volume(TestHost host) {
        return host.engine().volumes().find(VOLUME).orElseThrow().directory();
    }

    private List<String> words(String... more) {
        List<String> words = new ArrayList<>(List.of("migrate", NAME, "--to", TestAgents.address(b)));
        words.addAll(agents.identity(a));
        words.addAll(List.of(more));
        return words;
    }

    private static Path migrations(TestHost host) {
        return host.root().root().resolve("migrations");
    }

    private static String onlyMigration(TestHost host) throws IOException {
        try (var files = Files.newDirectoryStream(migrations(host), "source-*.json")) {
            String name = files.iterator().next().getFileName().toString();
            return name.substring("source-".length(), name.length() - ".json".length());
        }
    }

    private JsonNode migrate(String strategy) throws IOException {
        CommandResult result =
                a.run(words("--strategy", strategy, "--format", "json").toArray(String[]::new));
        return new ObjectMapper().readTree(result.succeeded());
    }

    private static void runs(TestHost host) {
        Container writer = host.engine().container(NAME);
        writer.sync();
        assertThat(writer.state().status()).isEqualTo(ContainerStatus.RUNNING);
    }

    /** A migration that is killed at a step, and settled. */
    private void dieAt(String step, String strategy) throws IOException, InterruptedException {
        Path directory = a.root().directory();
        Process command = Commands.start(
                Map.of("CTR_FAULT", step),
                a.inside(a.root().command(words("--strategy", strategy).toArray(String[]::new))),
                directory.resolve("migrate.out"),
                directory.resolve("migrate.err"));
        assertThat(command.waitFor()).isEqualTo(137);
        List<String> resolve = new ArrayList<>(List.of("migrate", "resolve", onlyMigration(a)));
        resolve.addAll(agents.identity(a));
        a.ctr(resolve.toArray(String[]::new));
        runs(a);
        for (TestHost host : List.of(a, b)) {
            try (var left = Files.newDirectoryStream(migrations(host), Files::isDirectory)) {
                assertThat(left).isEmpty();
            }
        }
        assertThat(b.engine().volumes().list()).isEmpty();
    }

    @Test
    void aVolumeArrivesWithAllThatChangedWhileItWasCopiedAndOneThatDidNotLeavesNothing() throws Exception {
        startWriter(MEBIBYTES);
        dieAt("source-files", "cold");
        JsonNode result = migrate("cold");
        runs(b);
        assertThat(BlockProgram.check(volume(b))).isEqualTo("ok");
        assertThat(a.engine().containers()).isEmpty();
        System.out.println(MEBIBYTES + " MiB: " + result);
        assertThat(result.path("bytes_volumes").asLong()).isBetween((long) MEBIBYTES << 20, (long) MEBIBYTES << 22);
        assertThat(result.path("bytes_rootfs").asLong()).isPositive();
        assertThat(result.path("downtime_ms").asLong())
                .isBetween(1L, result.path("frozen_ms").asLong());
    }

    @Test
    void anAgentThatIsKilledWhileItHoldsTheContainerLeavesNoVolume() throws Exception {
        startWriter(1);
        agents.restart(b, "target-held");
        Process command = Commands.start(
                Map.of(),
                a.inside(a.root().command(words("--strategy", "cold").toArray(String[]::new))),
                a.root().directory().resolve("migrate.out"),
                a.root().directory().resolve("migrate.err"));
        agents.awaitEnd(b);
        assertThat(b.engine().volumes().find(VOLUME)).isPresent();
        agents.restart(b, "");
        assertThat(command.waitFor()).isEqualTo(125);
        runs(a);
        assertThat(b.engine().volumes().list()).isEmpty();
        migrate("cold");
        runs(b);
        assertThat(BlockProgram.check(volume(b))).isEqualTo("ok");
    }

    @Test
    void aSmallVolumeIsTheMeasureOfTheFreeze() throws Exception {
        startWriter(1);
        JsonNode result = migrate("cold");
        assertThat(BlockProgram.check(volume(b))).isEqualTo("ok");
        System.out.println("1 MiB: " + result);
    }

    @Test
    void filesGoInRoundsWithTheMemoryAndOnlyTheUsersOwnLevelsStay() throws Exception {
        startWriter(64);
        Container writer = a.engine().container(NAME);
        dieAt("source-round", "pre-copy");
        assertThat(writer.preCheckpoints()).isZero();
        writer.checkpoint(new CheckpointOptions().preCheckpoint(true));
        Files.delete(migrations(a).resolve("source-" + onlyMigration(a) + ".json"));
        dieAt("source-round", "pre-copy");
        assertThat(writer.preCheckpoints()).isOne();
        JsonNode result = migrate("pre-copy");
        runs(b);
        assertThat(BlockProgram.check(volume(b))).isEqualTo("ok");
        System.out.println("pre-copy: " + result);
    }
}
