package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.NamespaceKind;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers that share namespaces with each other and with the host. */
final class SharedNamespacesTest {
    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
    private static CtrRoot root;
    private static Engine engine;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
        engine = root.engine();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static CreateOptions sleeping(String name) {
        return CreateOptions.fromImage("bb").name(name).command(List.of("sleep", "1000"));
    }

    private static Container started(CreateOptions options) {
        Container container = engine.create(options);
        container.start();
        return container;
    }

    @Test
    void aContainerJoinsEveryNamespaceOfAnother() throws IOException {
        Container donor = started(sleeping("donor").network("none").hostname("shared"));
        String id = donor.id().hex();
        // By the command, so that the flags are seen to arrive.
        String joiner = root.ctr(
                "run",
                "-d",
                "--name",
                "joiner",
                "--network",
                "container:donor",
                "--ipc",
                "container:donor",
                "--pid",
                "container:donor",
                "--uts",
                "container:donor",
                "--cgroupns",
                "container:donor",
                "--userns",
                "container:donor",
                "bb",
                "sleep",
                "1000");
        Container joined = engine.container(joiner);

        for (String kind : List.of("net", "ipc", "pid", "uts", "cgroup", "user")) {
            assertThat(Inside.namespace(joined, kind)).isEqualTo(Inside.namespace(donor, kind));
        }
        assertThat(Inside.namespace(joined, "mnt")).isNotEqualTo(Inside.namespace(donor, "mnt"));
        assertThat(joined.config().dependencies()).containsExactly(donor.id());
        assertThat(joined.config().toJson().path("ipcNsCtr").asText()).isEqualTo(id);

        JsonNode spec =
                JsonOutput.of(Files.readString(root.root().resolve("containers/" + joiner + "/bundle/config.json")));
        assertThat(spec.at("/linux/namespaces"))
                .anySatisfy(namespace -> assertThat(namespace.path("path").asText())
                        .isEqualTo("/proc/" + donor.state().pid() + "/ns/net"));

        Inside.sh(donor, "echo from the donor > /dev/shm/note");
        assertThat(Inside.sh(joined, "cat /dev/shm/note; hostname; cat /etc/hostname; echo $HOSTNAME"))
                .isEqualTo("from the donor\nshared\nshared\nshared");
        assertThat(Inside.sh(joined, "ps")).contains("1 root").contains("sleep 1000");
        assertThat(Inside.sh(donor, "cat /etc/hosts")).contains("127.0.0.1\tjoiner");

        JsonNode inspected = joined.inspect();
        for (String mode : List.of("NetworkMode", "IpcMode", "PidMode", "UTSMode", "CgroupMode", "UsernsMode")) {
            assertThat(inspected.at("/HostConfig/" + mode).asText()).isEqualTo("container:" + id);
        }
        assertThat(inspected.path("HostsPath").asText()).contains(id);
        assertThat(inspected.at("/Dependencies/0").asText()).isEqualTo(id);

        assertThat(donor.namespacePath(NamespaceKind.UTS))
                .isEqualTo(Path.of("/proc/" + donor.state().pid() + "/ns/uts"));
        joined.stop(AT_ONCE);
        assertThatThrownBy(() -> joined.namespacePath(NamespaceKind.UTS))
                .hasMessage("cannot get namespace path unless container " + joiner
                        + " is running: container state improper");
        assertThat(Inside.sh(donor, "cat /etc/hosts")).doesNotContain("joiner");
        assertThat(Inside.sh(donor, "cat /dev/shm/note")).isEqualTo("from the donor");
    }

    @Test
    void aChainOfContainersSharesWhatTheFirstHas() {
        Container first = started(sleeping("first").network("none"));
        started(sleeping("second").network("container:first").namespace(NamespaceKind.IPC, "container:first"));
        Container third =
                started(sleeping("third").network("container:second").namespace(NamespaceKind.IPC, "container:second"));
        Inside.sh(third, "echo hello > /dev/shm/chain");
        assertThat(Inside.sh(first, "cat /dev/shm/chain")).isEqualTo("hello");
        assertThat(Inside.sh(third, "cat /etc/hosts")).contains("second").contains("third");
    }

    @Test
    void theHostsNamespacesCanBeShared() throws IOException {
        CreateOptions options = CreateOptions.fromImage("bb").name("hosts").network("host");
        for (NamespaceKind kind : List.of(
                NamespaceKind.IPC, NamespaceKind.PID, NamespaceKind.UTS, NamespaceKind.USER, NamespaceKind.CGROUP)) {
            options.namespace(kind, "host");
        }
        String marker = String.valueOf(770_000 + ProcessHandle.current().pid() % 1000);
        Container container = started(options.command(List.of("sh", "-c", "sleep " + marker + " & sleep " + marker)));
        for (String kind : List.of("net", "ipc", "pid", "uts", "cgroup", "user")) {
            assertThat(Inside.namespace(container, kind)).isEqualTo(Inside.hostNamespace(kind));
        }
        assertThat(Inside.sh(container, "hostname"))
                .isEqualTo(
                        Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        JsonNode host = container.inspect().path("HostConfig");
        assertThat(host.path("PidMode").asText() + host.path("IpcMode").asText())
                .isEqualTo("hosthost");

        await().until(() -> Processes.withArgument(marker).size() == 2);
        container.stop(AT_ONCE);
        assertThat(Processes.withArgument(marker))
                .as("processes of a container without a PID namespace")
                .isEmpty();
    }

    @Test
    void anIpcNamespaceMayBeKeptFromOthers() {
        Container none = started(sleeping("noshm").network("none").namespace(NamespaceKind.IPC, "none"));
        assertThat(Inside.sh(none, "grep -c /dev/shm /proc/mounts || true")).isEqualTo("0");
        assertThat(none.inspect().at("/HostConfig/IpcMode").asText()).isEqualTo("none");
        Container kept = engine.create(sleeping("kept").network("none").namespace(NamespaceKind.IPC, "private"));
        assertThatThrownBy(() -> engine.create(sleeping("eager").namespace(NamespaceKind.IPC, "container:kept")))
                .hasMessage("joining IPC of container " + kept.id()
                        + " is not allowed: non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
    }

    @Test
    void aNamespaceMayBeGivenByItsPath() {
        Container donor = started(sleeping("by-path").network("none"));
        String place = "ns:/proc/" + donor.state().pid() + "/ns/";
        Container joined = started(sleeping("of-path")
                .network(place + "net")
                .namespace(NamespaceKind.IPC, place + "ipc")
                .namespace(NamespaceKind.UTS, place + "uts"));
        for (String kind : List.of("net", "ipc", "uts")) {
            assertThat(Inside.namespace(joined, kind)).isEqualTo(Inside.namespace(donor, kind));
        }
        assertThat(joined.config().dependencies()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IPC|foo|unrecognized namespace mode foo passed",
                "PID|none|unrecognized namespace mode none passed",
                "UTS|container:nosuch|looking up container to share uts namespace with: no container with name or ID"
                        + " \"nosuch\" found: no such container",
                "USER|container:nosuch|looking up container to share user namespace with: no container with name or ID"
                        + " \"nosuch\" found: no such container",
                "IPC|ns:/nosuch|cannot find specified IPC namespace path: stat /nosuch: no such file or directory",
                "CGROUP|pod|cannot join the pod's cgroup namespace: no pod was given, use --pod"
            })
    void aModeThatCannotBeIsRefused(NamespaceKind kind, String mode, String message) {
        assertThatThrownBy(() -> engine.create(sleeping("refused").namespace(kind, mode)))
                .hasMessage(message);
    }

    @Test
    void whatBelongsToASharedNamespaceCannotBeAskedFor() {
        engine.create(sleeping("owner").network("none"));
        assertThatThrownBy(() ->
                        engine.create(sleeping("x").network("container:owner").dnsServer("192.0.2.1")))
                .hasMessage("conflicting options: dns and the network mode: container");
        assertThatThrownBy(() ->
                        engine.create(sleeping("x").network("container:owner").addHost("a:192.0.2.1")))
                .hasMessageContaining("cannot set extra host entries when the container is joined");
        assertThatThrownBy(() -> engine.create(sleeping("x").hostname("y").namespace(NamespaceKind.UTS, "host")))
                .hasMessageContaining("cannot set hostname when running in the host UTS namespace");
    }

    @Test
    void anEndedContainersNamespaceIsNotJoinedUnderANumberUsedAgain() throws IOException {
        Container donor = started(sleeping("gone").network("none"));
        Container joiner = engine.create(sleeping("late").network("container:gone"));
        Path state = root.root().resolve("containers/" + donor.id() + "/state.json");
        donor.stop(AT_ONCE);
        // As after the end of the donor: the state still says that it runs, its number belongs to somebody else.
        ObjectNode json = (ObjectNode) JsonOutput.of(Files.readString(state));
        json.put("status", "RUNNING").put("pid", ProcessHandle.current().pid()).put("pidStartTicks", 1);
        Files.writeString(state, json.toString());
        assertThatThrownBy(() -> joiner.start(false))
                .hasMessageContaining(
                        "some dependencies of container " + joiner.id() + " are not started: " + donor.id());
    }

    @Test
    void aContainerThatSharesIsCheckpointedAndRestoredInPlace() {
        Container donor = started(sleeping("stays").network("none"));
        Container joiner = started(CreateOptions.fromImage("bb")
                .name("moves")
                .network("container:stays")
                .namespace(NamespaceKind.IPC, "container:stays")
                .command(
                        List.of("sh", "-c", "i=0; while true; do i=$((i+1)); echo $i > /tmp/count; sleep 0.05; done")));
        Inside.sh(donor, "echo kept > /dev/shm/kept");
        joiner.checkpoint(new CheckpointOptions());
        assertThat(Inside.sh(donor, "cat /dev/shm/kept")).isEqualTo("kept");
        joiner.restore(new RestoreOptions());
        assertThat(Inside.namespace(joiner, "net")).isEqualTo(Inside.namespace(donor, "net"));
        assertThat(Inside.sh(joiner, "cat /dev/shm/kept")).isEqualTo("kept");
        assertThatThrownBy(() -> joiner.checkpoint(
                        new CheckpointOptions().exportTo(root.directory().resolve("x.tar"))))
                .hasMessage("cannot export checkpoints of containers with dependencies");
        assertThat(joiner.state().status().word()).isEqualTo("running");
    }
}
