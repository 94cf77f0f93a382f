package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.NamespaceKind;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Scenarios of podman's tests on containers that need no network. */
final class UpstreamCheckpointTest {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    @RegisterExtension
    static final Workbench bench = Workbench.create();

    private static Container sleeper(String name) {
        return bench.run(Engines.busybox("sleep", "1000").name(name));
    }

    private static ContainerStatus status(Container container) {
        return container.state().status();
    }

    @Test
    @Upstream({1, 2, 6, 13, 44})
    void whatDoesNotExistIsRefusedAndNothingIsDoneToTheOthers() {
        Container one = sleeper("one");
        Container two = sleeper("two");
        assertThat(bench.refusal("checkpoint", "bogus"))
                .isEqualTo("Error: no container with name or ID \"bogus\" found: no such container");
        assertThat(bench.refusal("restore", "bogus")).isEqualTo("Error: no such container or image: bogus");
        bench.refusal("checkpoint", "one", "bogus", "two");
        assertThat(bench.refusal("checkpoint", "-c", "lzma", "-e", "archive", "one"))
                .isEqualTo("Error: selected compression algorithm (\"lzma\") not supported."
                        + " Please select one from: gzip, none, zstd");
        assertThat(status(one)).isEqualTo(ContainerStatus.RUNNING);

        assertThat(bench.ctr("checkpoint", "two")).isEqualTo("two");
        assertThat(status(one)).isEqualTo(ContainerStatus.RUNNING);
        assertThat(status(two)).isEqualTo(ContainerStatus.EXITED);
        bench.refusal("restore", "two", "bogus");
        assertThat(status(two)).isEqualTo(ContainerStatus.EXITED);
        CommandResult both = bench.root().run("restore", "one", "two");
        assertThat(both.exitCode()).isEqualTo(125);
        assertThat(both.output())
                .as("the failure of one does not keep the other")
                .isEqualTo("two\n");
        assertThat(both.errors())
                .isEqualTo("Error: container " + one.id().hex()
                        + " is running or paused, cannot restore: container state improper\n");
        assertThat(status(two)).isEqualTo(ContainerStatus.RUNNING);
    }

    @Test
    @Upstream(3)
    void inspectTellsOfACheckpointUntilTheContainerStartsAnew() {
        Container container = sleeper("one");
        String id = container.id().hex();
        assertUntouched(container);

        assertThat(bench.ctr("checkpoint", "--keep", id)).isEqualTo(id);
        assertThat(status(container)).isEqualTo(ContainerStatus.EXITED);
        assertThat(Workbench.state(container, "Checkpointed")).isEqualTo("true");
        assertThat(Workbench.state(container, "CheckpointedAt")).isNotEqualTo(NEVER);
        assertThat(Workbench.state(container, "CheckpointPath")).endsWith("/checkpoint");
        assertThat(Path.of(Workbench.state(container, "CheckpointLog"))).exists();
        assertThat(bench.refusal("restore", "-p", "8080:80", id))
                .isEqualTo("Error: --publish can only be used with image or --import");

        assertThat(bench.ctr("restore", "--keep", id)).isEqualTo(id);
        assertThat(status(container)).isEqualTo(ContainerStatus.RUNNING);
        assertThat(Workbench.state(container, "Checkpointed")).isEqualTo("false");
        assertThat(Workbench.state(container, "Restored")).isEqualTo("true");
        assertThat(Workbench.state(container, "RestoredAt")).isNotEqualTo(NEVER);
        assertThat(Path.of(Workbench.state(container, "RestoreLog"))).exists();

        container.stop(Optional.of(Duration.ZERO));
        container.start();
        assertUntouched(container);
    }

    private static void assertUntouched(Container container) {
        for (String field : List.of("Checkpointed", "Restored")) {
            assertThat(Workbench.state(container, field)).as(field).isEqualTo("false");
        }
        for (String field : List.of("CheckpointedAt", "RestoredAt")) {
            assertThat(Workbench.state(container, field)).as(field).isEqualTo(NEVER);
        }
        for (String field : List.of("CheckpointPath", "CheckpointLog", "RestoreLog")) {
            assertThat(Workbench.state(container, field)).as(field).isEmpty();
        }
    }

    @Test
    @Upstream({4, 5, 44, 48})
    void aContainerIsNamedAsTheUserLikes() {
        Container container = sleeper("bb");
        String id = container.id().hex();
        assertThat(bench.ctr("checkpoint", "bb")).isEqualTo("bb");
        assertThat(bench.refusal("pause", "bb")).contains("is not running, can't pause");
        assertThat(bench.ctr("restore", "bb"))
                .as("although an image has that name")
                .isEqualTo("bb");
        assertThat(bench.ctr("exec", "bb", "echo", "inside")).isEqualTo("inside");
        bench.root().run("rm", "bb").failedWith(2);
        assertThat(bench.ctr("checkpoint", "--latest")).isEqualTo(id);
        assertThat(bench.ctr("restore", "--latest")).isEqualTo(id);
        assertThat(bench.ctr("checkpoint", id.substring(0, 12))).isEqualTo(id.substring(0, 12));
        assertThat(bench.ctr("restore", id.substring(0, 12))).isEqualTo(id.substring(0, 12));
        assertThat(status(container)).isEqualTo(ContainerStatus.RUNNING);
        assertThat(bench.ctr("rm", "-f", "-t", "0", "bb")).isEqualTo("bb");
    }

    @Test
    @Upstream({7, 31, 44})
    void allAreCheckpointedAndRestoredWithStatistics() {
        Container one = sleeper("one");
        Container two = sleeper("two");
        Container paused = sleeper("paused");
        paused.pause();
        String[] ids = {one.id().hex(), two.id().hex()};
        assertThat(bench.ctr("checkpoint", "--all").lines()).containsExactlyInAnyOrder(ids);
        assertThat(bench.ctr("restore", "--all").lines()).containsExactlyInAnyOrder(ids);

        JsonNode dumped = JsonOutput.of(bench.ctr("checkpoint", "--all", "--print-stats"));
        assertStatistics(dumped, "checkpoint", "frozen_time", "freezing_time", "memdump_time");
        JsonNode restored = JsonOutput.of(bench.ctr("restore", "--all", "--print-stats"));
        assertStatistics(restored, "restore", "restore_time", "forking_time");
        assertThat(status(one)).isEqualTo(ContainerStatus.RUNNING);
        assertThat(status(paused)).as("--all means those that run").isEqualTo(ContainerStatus.PAUSED);
    }

    private static void assertStatistics(JsonNode json, String verb, String... criuTimes) {
        long total = json.path("ctr_" + verb + "_duration").asLong();
        assertThat(json.path("container_statistics")).hasSize(2);
        long sum = 0;
        for (JsonNode container : json.path("container_statistics")) {
            assertThat(container.path("Id").asText()).hasSize(64);
            assertThat(container.path("RawInput").asText("absent")).isEmpty();
            long runtime = container.path("runtime_" + verb + "_duration").asLong();
            long criu = 0;
            for (String time : criuTimes) {
                criu = Math.max(
                        criu, container.path("criu_statistics").path(time).asLong());
            }
            assertThat(criu).isPositive();
            assertThat(runtime).isGreaterThan(criu);
            sum += runtime;
        }
        assertThat(total).isGreaterThan(sum);
    }

    @Test
    @Upstream(10)
    void aContainerLeftRunningIsLaterRestoredFromThatMoment() {
        Container container =
                bench.run("one", "i=0; while :; do i=$((i+1)); echo $i > /dev/shm/count; sleep 0.05; done");
        await().until(() -> count(container) > 2);
        assertThat(bench.ctr("checkpoint", "--leave-running", "one")).isEqualTo("one");
        assertThat(status(container)).isEqualTo(ContainerStatus.RUNNING);
        int then = count(container);
        await().until(() -> count(container) > then + 40);
        container.stop(Optional.of(Duration.ZERO));
        assertThat(bench.ctr("restore", "one")).isEqualTo("one");
        assertThat(count(container)).as("back at the checkpoint").isBetween(2, then + 30);
    }

    private static int count(Container container) {
        String text = Inside.sh(container, "cat /dev/shm/count 2>/dev/null || true");
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    @Test
    @Upstream({14, 15, 16, 17, 30})
    void changesOfTheRootFileSystemTravelUnlessTheyAreToBeIgnored() {
        Container container = bench.run("one", "echo content > /test.output; rm /etc/motd; exec sleep 1000");
        await().until(() -> container.diff().size() == 3);
        String diff = bench.ctr("diff", "one");
        assertThat(diff.lines()).containsExactlyInAnyOrder("C /etc", "A /test.output", "D /etc/motd");
        Path whole = bench.file("whole.tar");
        Path ignoring = bench.file("ignoring.tar");
        bench.ctr("checkpoint", "-R", "-c", "none", "-e", whole.toString(), "one");
        bench.ctr("checkpoint", "-c", "none", "--ignore-rootfs", "-e", ignoring.toString(), "one");
        assertThat(Commands.run("tar", "-tf", whole.toString()).succeeded().lines())
                .contains("stats-dump", "rootfs-diff.tar", "deleted.files");
        assertThat(Commands.run("tar", "-tf", ignoring.toString()).succeeded().lines())
                .contains("stats-dump")
                .doesNotContain("rootfs-diff.tar", "deleted.files");

        bench.removeContainers();
        assertThat(bench.ctr("restore", "-i", whole.toString()))
                .isEqualTo(container.id().hex());
        assertThat(bench.ctr("diff", "one")).isEqualTo(diff);
        assertThat(bench.ctr("exec", "one", "cat", "/test.output")).isEqualTo("content");
        for (Container without : List.of(restored(whole, true), restored(ignoring, false))) {
            assertThat(Inside.sh(without, "ls /test.output 2>/dev/null || cat /etc/motd"))
                    .isEqualTo("welcome");
        }
    }

    private static Container restored(Path archive, boolean ignoreRootfs) {
        bench.removeContainers();
        RestoreOptions options = new RestoreOptions().ignoreRootfs(ignoreRootfs);
        return bench.engine()
                .container(bench.engine().restore(archive, options).id().hex());
    }

    @Test
    @Upstream(19)
    void volumesOfEveryKindTravel() {
        bench.ctr("import", "-c", "VOLUME /of-image", Busybox.tar().toString(), "with-volume");
        Container container = bench.run(CreateOptions.fromImage("with-volume")
                .name("one")
                .network("none")
                .volume(new CreateOptions.Volume("named", "/named", List.of()))
                .volume(new CreateOptions.Volume("", "/anonymous", List.of()))
                .command(List.of("sleep", "1000")));
        String places = "/named /anonymous /of-image";
        Inside.sh(container, "for d in " + places + "; do echo in $d > $d/file; done");
        String archive = bench.file("volumes.tar").toString();
        bench.ctr("checkpoint", "-e", archive, "one");
        bench.ctr("rm", "-v", "one");
        assertThat(bench.refusal("restore", "-i", archive))
                .isEqualTo("Error: volume with name named already exists."
                        + " Use --ignore-volumes to not restore content of volumes");
        bench.ctr("volume", "rm", "named");
        bench.ctr("restore", "-i", archive);
        Container again = bench.engine().container("one");
        assertThat(Inside.sh(again, "for d in " + places + "; do cat $d/file; done")
                        .lines())
                .containsExactly("in /named", "in /anonymous", "in /of-image");
        again.remove(true, true, Optional.of(Duration.ZERO));
        bench.ctr("volume", "rm", "named");
        bench.ctr("rmi", "with-volume");
    }

    @Test
    @Upstream(29)
    void aContainerInTheHostsIpcNamespaceTravelsWhereThatIsGranted() throws IOException {
        Container container =
                bench.run(Engines.busybox("sleep", "1000").name("one").namespace(NamespaceKind.IPC, "host"));
        String archive = bench.file("ipc.tar").toString();
        assertThat(bench.ctr("checkpoint", "one")).isEqualTo("one");
        assertThat(bench.ctr("restore", "one")).isEqualTo("one");
        assertThat(Inside.namespace(container, "ipc")).isEqualTo(Inside.hostNamespace("ipc"));
        bench.ctr("checkpoint", "-e", archive, "one");
        container.remove(false, true);
        assertThat(bench.refusal("restore", "-i", archive)).contains("ipc");
        Path policy = Files.writeString(bench.file("policy"), "host-namespaces = \"network,ipc\"\n");
        bench.ctr("restore", "--policy", policy.toString(), "-i", archive);
        assertThat(Inside.namespace(bench.engine().container("one"), "ipc")).isEqualTo(Inside.hostNamespace("ipc"));
    }

    @Test
    @Upstream({33, 34, 35})
    void theRuntimeIsTheOneOfTheCheckpoint() throws IOException {
        Path directory = Files.createDirectory(bench.file("runtimes"));
        String runc = Commands.run("sh", "-c", "command -v runc").succeeded();
        Path other = Files.createSymbolicLink(directory.resolve("crun"), Path.of(runc));
        String archive = bench.file("runtime.tar").toString();
        bench.ctr(
                "--runtime",
                other.toString(),
                "run",
                "-d",
                "--name",
                "one",
                "--network",
                "none",
                "bb",
                "sleep",
                "1000");
        Container container = bench.engine().container("one");
        String runtime = container.inspect().path("OCIRuntime").asText();
        assertThat(runtime).isEqualTo(other.toString());
        bench.ctr("checkpoint", "one");
        bench.ctr("restore", "one");
        assertThat(container.inspect().path("OCIRuntime").asText()).isEqualTo(runtime);

        container.checkpoint(new CheckpointOptions().exportTo(Path.of(archive)));
        bench.removeContainers();
        assertThat(bench.refusal("--runtime", "runc", "restore", "-i", archive))
                .isEqualTo(
                        "Error: checkpoint archive was created with runtime 'crun' and cannot be restored with runtime"
                                + " 'runc'");
        Map<String, String> path = Map.of("PATH", directory + ":" + System.getenv("PATH"));
        Commands.run(path, bench.root().command("restore", "-i", archive)).succeeded();
        assertThat(bench.engine().container("one").inspect().path("OCIRuntime").asText())
                .isEqualTo("crun");
        Commands.run(path, bench.root().command("rm", "-f", "-t", "0", "one")).succeeded();
    }

    @Test
    @Upstream(46)
    void thoseWhoWaitForALockGetItInTurn() {
        String writer =
                "flock /app/conf sh -c 'for i in 1 2 3; do echo $i; while test -e /hold; do sleep 0.05; done; done'";
        Container container =
                bench.run("one", "touch /hold; echo READY; " + writer + " & sleep 0.3; " + writer + " & wait");
        await().until(() -> Inside.sh(container, "cat /proc/locks")
                        .lines()
                        .filter(lock -> lock.contains("FLOCK"))
                        .count()
                == 2);
        assertThat(bench.refusal("checkpoint", "one")).endsWith("; give --file-locks to keep its file locks");
        assertThat(status(container)).isEqualTo(ContainerStatus.RUNNING);
        String archive = bench.file("locks.tar").toString();
        bench.ctr("checkpoint", "--file-locks", "-e", archive, "one");
        container.remove(false, true);
        bench.ctr("restore", "--file-locks", "-i", archive);
        Container again = bench.engine().container("one");
        Inside.sh(again, "rm /hold");
        again.waitForExit();
        assertThat(Workbench.log(again).lines()).containsExactly("READY", "1", "2", "3", "1", "2", "3");
    }
}
