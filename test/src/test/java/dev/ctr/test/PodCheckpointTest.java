package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.NamespaceKind;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.PodOptions;
import dev.ctr.lifecycle.RestoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Members of pods are checkpointed and restored: in place, out of one pod, and into another. */
final class PodCheckpointTest {
    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
    private static final String COUNT = "i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.05; done";

    private static CtrRoot root;
    private static Engine engine;
    private static Path archive;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
        engine = root.engine();
        archive = root.directory().resolve("member.tar.zst");
    }

    @AfterEach
    void removePods() {
        engine.pods().forEach(pod -> pod.remove(true, AT_ONCE));
        engine.containers().forEach(container -> container.remove(true, true));
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static Pod pod(String name, Set<NamespaceKind> shares) {
        PodOptions options = new PodOptions().name(name).share(shares);
        options.infraContainer().network("none");
        return engine.createPod(options);
    }

    private static Container member(Pod pod, String name, String program) {
        Container container = engine.create(CreateOptions.fromImage("bb")
                .name(name)
                .pod(pod.name())
                .stopTimeout(Duration.ZERO)
                .command(List.of("sh", "-c", program)));
        container.start();
        return container;
    }

    private static Set<NamespaceKind> kinds(String words) {
        return Arrays.stream(words.split(" ", -1))
                .map(word -> NamespaceKind.valueOf(word.toUpperCase(java.util.Locale.ROOT)))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(NamespaceKind.class)));
    }

    private static void assertGoesOn(Container container) {
        Path log = root.root().resolve("containers/" + container.id().hex() + "/bundle/ctr.log");
        long bytes = log.toFile().length();
        await().until(() -> log.toFile().length() > bytes);
    }

    @ParameterizedTest(name = "upstream {0}: out of a pod and into another that shares {1}")
    @CsvSource({
        "23, ipc net uts pid, network",
        "24, ipc net uts, network",
        "25, ipc net, network",
        "26, net uts pid, network",
        "27, net uts, network",
        "28, uts pid, PID"
    })
    void aMemberGoesIntoAPodThatSharesTheSame(int upstream, String shares, String missing) {
        Set<NamespaceKind> kinds = kinds(shares);
        Pod from = pod("from", kinds);
        Pod to = pod("to", kinds);
        Pod wrong = pod("wrong", EnumSet.of(NamespaceKind.IPC));
        Container member = member(from, "member" + upstream, "echo kept > /note; " + COUNT);
        String id = member.id().hex();
        await().until(() -> Inside.sh(member, "cat /note").equals("kept"));
        member.checkpoint(new CheckpointOptions().exportTo(archive));
        member.remove(false, false);

        assertThatThrownBy(() -> engine.restore(archive, new RestoreOptions()))
                .hasMessage("cannot restore pod container without --pod");
        assertThatThrownBy(() -> engine.restore(archive, new RestoreOptions().pod("wrong")))
                .hasMessage("pod " + wrong.id() + " does not share the " + missing + " namespace");
        assertThat(engine.containers()).hasSize(3);

        assertThat(engine.restore(archive, new RestoreOptions().pod("to")).id().hex())
                .isEqualTo(id);
        assertIsIn(to, engine.container(id), kinds);
        Container clone = engine.container(engine.restore(
                        archive, new RestoreOptions().pod(from.id().hex()).name("clone" + upstream))
                .id()
                .hex());
        assertThat(clone.id().hex()).isNotEqualTo(id);
        assertIsIn(from, clone, kinds);
        assertGoesOn(clone);
    }

    private static void assertIsIn(Pod pod, Container member, Set<NamespaceKind> kinds) {
        Container infra = pod.infra().orElseThrow();
        for (NamespaceKind kind : kinds) {
            assertThat(Inside.namespace(member, kind.word())).isEqualTo(Inside.namespace(infra, kind.word()));
        }
        assertThat(member.config().pod()).contains(pod.id());
        assertThat(member.config().cgroupParent()).endsWith("/" + pod.id());
        assertThat(member.state().restored()).isTrue();
        assertThat(Inside.sh(member, "cat /note")).isEqualTo("kept");
        assertThat(Inside.sh(member, "hostname"))
                .isEqualTo(
                        kinds.contains(NamespaceKind.UTS)
                                ? pod.name()
                                : member.config().hostname());
    }

    @Test
    @DisplayName("in place, while the pod's other members keep their network and the infra container is started again")
    void aMemberIsRestoredInItsPlace() {
        Pod pod = pod("home", kinds("ipc net uts pid"));
        Container server = member(pod, "server", "mkdir /www; echo here > /www/f; exec httpd -f -p 80 -h /www");
        Container member = member(pod, "member", "echo shared > /dev/shm/note; " + COUNT);
        await().until(() -> Inside.sh(server, "wget -q -O - http://127.0.0.1/f").equals("here"));
        await().until(() -> Inside.sh(server, "cat /dev/shm/note").equals("shared"));
        String infraPid = Long.toString(pod.infra().orElseThrow().state().pid());
        Commands.run("nsenter", "-t", infraPid, "-i", "ipcmk", "-M", "4096").succeeded();
        member.checkpoint(new CheckpointOptions());
        assertThat(Inside.sh(server, "timeout 5 wget -q -O - http://127.0.0.1/f"))
                .isEqualTo("here");
        member.restore(new RestoreOptions());
        assertIsRunningIn(pod, member);
        assertThat(Inside.sh(member, "cat /dev/shm/note")).isEqualTo("shared");
        String memberPid = Long.toString(member.state().pid());
        assertThat(Commands.run("nsenter", "-t", memberPid, "-i", "ipcs", "-m").succeeded())
                .contains("4096");

        member.checkpoint(new CheckpointOptions());
        pod.stop(AT_ONCE);
        Container infra = pod.infra().orElseThrow();
        assertThat(infra.state().status()).isEqualTo(ContainerStatus.EXITED);
        member.restore(new RestoreOptions());
        assertIsRunningIn(pod, member);
        assertGoesOn(member);
    }

    private static void assertIsRunningIn(Pod pod, Container member) {
        assertThat(Inside.namespace(member, "pid"))
                .isEqualTo(Inside.namespace(pod.infra().orElseThrow(), "pid"));
    }

    @Test
    @DisplayName("what cannot be is refused in one sentence, and leaves nothing")
    void whatCannotBeIsRefused() {
        Pod pod = pod("full", kinds("net pid"));
        Container member = member(pod, "member", COUNT);
        assertThatThrownBy(() -> pod.infra().orElseThrow().checkpoint(new CheckpointOptions()))
                .hasMessageContaining("holds the namespaces of its pod");
        member.checkpoint(new CheckpointOptions().leaveRunning(true).exportTo(archive));
        assertThatThrownBy(() ->
                        engine.restore(archive, new RestoreOptions().pod("full").name("second")))
                .hasMessageContaining("another process of the PID namespace that it is to share has that number");
        assertThatThrownBy(() ->
                        engine.restore(archive, new RestoreOptions().pod("none").name("second")))
                .hasMessage("no pod with name or ID none found: no such pod");
        assertThat(engine.containers()).hasSize(2);
        assertThat(member.state().status()).isEqualTo(ContainerStatus.RUNNING);

        Container other =
                engine.create(Engines.busybox("sleep", "1000").name("other").stopTimeout(Duration.ZERO));
        other.start();
        Container dependent = engine.create(CreateOptions.fromImage("bb")
                .name("dependent")
                .network("container:other")
                .command(List.of("sleep", "1000")));
        dependent.start();
        assertThatThrownBy(() -> dependent.checkpoint(new CheckpointOptions().exportTo(archive)))
                .hasMessage("cannot export checkpoints of containers with dependencies");
        assertThat(dependent.state().status()).isEqualTo(ContainerStatus.RUNNING);
        dependent.remove(true, false);
        other.checkpoint(new CheckpointOptions().exportTo(archive));
        assertThatThrownBy(() ->
                        engine.restore(archive, new RestoreOptions().pod("full").name("second")))
                .hasMessage("cannot restore non pod container into pod");
    }

    @Test
    @DisplayName("a shared cgroup namespace, into which no runtime restores, is refused before the container stops")
    void aSharedCgroupNamespaceIsRefused() {
        Pod pod = engine.createPod(isolatedCgroups());
        Container member = member(pod, "member", COUNT);
        assertThatThrownBy(() -> member.checkpoint(new CheckpointOptions()))
                .hasMessage("cannot checkpoint or restore member: it shares another container's cgroup namespace,"
                        + " which the OCI runtime cannot restore into");
        assertThat(member.state().status()).isEqualTo(ContainerStatus.RUNNING);
    }

    private static PodOptions isolatedCgroups() {
        PodOptions options =
                new PodOptions().name("cgroups").shareParent(false).share(EnumSet.of(NamespaceKind.CGROUP));
        options.infraContainer().network("none");
        return options;
    }
}
