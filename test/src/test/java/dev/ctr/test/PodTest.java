package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.NamespaceKind;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.PodOptions;
import dev.ctr.lifecycle.PodStatus;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Pods: what their members share, how they are led through their life together, and what {@code ctr pod} says of them. */
@ResourceLock("host network")
final class PodTest {
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

    private static PodOptions isolated(String name) {
        PodOptions options = new PodOptions().name(name);
        options.infraContainer().network("none");
        return options;
    }

    private static Container member(Pod pod, String name) {
        return engine.create(CreateOptions.fromImage("bb")
                .name(name)
                .pod(pod.name())
                .stopTimeout(Duration.ZERO)
                .command(List.of("sleep", "1000")));
    }

    @Test
    void thePodCommandsSpeakAsPodmansDo() {
        String id = root.ctr("pod", "create", "--name", "life", "--network", "none", "--label", "tier=web");
        String infra = engine.pod("life").infra().orElseThrow().id().hex();
        assertThat(root.ctr("pod", "ps", "--filter", "name=life").lines().toList())
                .satisfiesExactly(
                        heading ->
                                assertThat(heading).matches("POD ID +NAME +STATUS +CREATED +INFRA ID +# OF CONTAINERS"),
                        row -> assertThat(row)
                                .startsWith(id.substring(0, 12))
                                .contains("life", "Created", infra.substring(0, 12))
                                .endsWith(" 1"));

        String one = root.ctr("run", "-d", "--pod", "life", "--name", "one", "bb", "sleep", "1000");
        assertThat(root.ctr(
                        "pod",
                        "ps",
                        "--format",
                        "{{.Name}} {{.Status}} {{.NumberOfContainers}} {{.Labels}}",
                        "-f",
                        "name=life"))
                .isEqualTo("life Running 2 map[tier:web]");
        JsonNode listed = JsonOutput.of(root.ctr("pod", "ps", "--format", "json", "--filter", "status=running"))
                .get(0);
        assertThat(JsonOutput.keys(listed))
                .containsExactlyInAnyOrder(
                        "Cgroup",
                        "Containers",
                        "Created",
                        "Id",
                        "InfraId",
                        "Name",
                        "Namespace",
                        "Networks",
                        "Status",
                        "Labels");
        assertThat(listed.at("/Containers")).hasSize(2);

        JsonNode inspected = JsonOutput.of(root.ctr("pod", "inspect", "life"));
        assertThat(JsonOutput.keys(inspected))
                .containsExactlyInAnyOrder(
                        "Id",
                        "Name",
                        "Created",
                        "CreateCommand",
                        "ExitPolicy",
                        "State",
                        "Hostname",
                        "Labels",
                        "CreateCgroup",
                        "CgroupParent",
                        "CgroupPath",
                        "CreateInfra",
                        "InfraContainerID",
                        "InfraConfig",
                        "SharedNamespaces",
                        "NumContainers",
                        "Containers");
        assertThat(JsonOutput.keys(inspected.path("InfraConfig")))
                .containsExactlyInAnyOrder(
                        "PortBindings",
                        "HostNetwork",
                        "StaticIP",
                        "StaticMAC",
                        "NoManageResolvConf",
                        "DNSServer",
                        "DNSSearch",
                        "DNSOption",
                        "NoManageHosts",
                        "HostAdd",
                        "Networks",
                        "NetworkOptions",
                        "pid_ns",
                        "userns",
                        "uts_ns");
        assertThat(inspected.path("SharedNamespaces")).hasSize(3);

        JsonNode container = JsonOutput.inspect(root, "one");
        assertThat(container.path("Pod").asText()).isEqualTo(id);
        assertThat(container.path("IsInfra").asBoolean()).isFalse();
        assertThat(container.at("/HostConfig/NetworkMode").asText()).isEqualTo("container:" + infra);
        assertThat(container.at("/HostConfig/CgroupParent").asText())
                .isEqualTo(inspected.path("CgroupPath").asText())
                .endsWith("/" + id);
        assertThat(root.ctr("ps", "--pod", "--filter", "pod=life").lines().toList())
                .satisfiesExactly(
                        heading -> assertThat(heading).endsWith("POD ID        PODNAME"),
                        row -> assertThat(row).contains(infra.substring(0, 12), id.substring(0, 12) + "-infra"),
                        row -> assertThat(row).contains(one.substring(0, 12)).endsWith(id.substring(0, 12) + "  life"));

        assertThat(root.run("pod", "rm", "life").failedWith(125))
                .contains("removing container " + one + " from pod " + id + ": cannot remove container " + one
                        + " as it is running");
        assertThat(root.run("rm", "-f", infra).failedWith(125))
                .isEqualTo("Error: container " + infra + " is the infra container of pod " + id
                        + " and cannot be removed without removing the pod");
        for (String verb : List.of("pause", "unpause", "stop", "start", "kill", "restart")) {
            assertThat(root.ctr("pod", verb, "life")).as(verb).isEqualTo(id);
        }
        assertThat(root.ctr("pod", "rm", "-f", "-t", "0", "life")).isEqualTo(id);
        assertThat(root.run("pod", "exists", "life").exitCode()).isEqualTo(1);
        assertThat(root.run("pod", "rm", "life").failedWith(1))
                .isEqualTo("Error: no pod with name or ID life found: no such pod");
        assertThat(root.run("pod", "rm", "-f", "life").exitCode()).isZero();
    }

    @Test
    void thePodIsAsItsContainersAre() {
        Pod pod = engine.createPod(isolated("states"));
        Container infra = pod.infra().orElseThrow();
        Container a = member(pod, "states-a");
        Container b = member(pod, "states-b");
        assertThat(pod.status()).isEqualTo(PodStatus.CREATED);
        pod.start();
        assertThat(pod.status()).isEqualTo(PodStatus.RUNNING);
        a.stop(AT_ONCE);
        assertThat(pod.status()).isEqualTo(PodStatus.DEGRADED);
        pod.pause();
        assertThat(pod.status()).isEqualTo(PodStatus.STOPPED);
        pod.unpause();
        assertThat(b.state().status()).isEqualTo(ContainerStatus.RUNNING);
        pod.start();
        pod.pause();
        assertThat(pod.status()).isEqualTo(PodStatus.PAUSED);
        pod.stop(Optional.empty());
        assertThat(pod.status()).isEqualTo(PodStatus.EXITED);
        assertThat(infra.state().exitCode())
                .as("the infra container ends when it is asked to")
                .isZero();
        b.start();
        assertThat(infra.state().status()).as("a member starts what it needs").isEqualTo(ContainerStatus.RUNNING);
        pod.kill(9);
        await().until(() -> pod.status() == PodStatus.EXITED);
        pod.remove(false, Optional.empty());
        assertThat(engine.containers())
                .noneMatch(container -> container.config().pod().isPresent()
                        && container.config().pod().get().equals(pod.id()));
    }

    @Test
    void membersShareWhatThePodSays() {
        PodOptions options = isolated("sharing")
                .share(EnumSet.of(NamespaceKind.IPC, NamespaceKind.NET, NamespaceKind.UTS, NamespaceKind.PID));
        options.infraContainer().hostname("together");
        Pod pod = engine.createPod(options);
        Container infra = pod.infra().orElseThrow();
        Container a = member(pod, "sharing-a");
        Container b = engine.create(CreateOptions.fromImage("bb")
                .name("sharing-b")
                .pod(pod.id().abbreviated())
                .namespace(NamespaceKind.PID, "private")
                .network("none")
                .command(List.of("sleep", "1000")));
        pod.start();
        for (String kind : List.of("ipc", "net", "uts", "pid")) {
            assertThat(Inside.namespace(a, kind)).isEqualTo(Inside.namespace(infra, kind));
        }
        assertThat(Inside.namespace(b, "ipc")).isEqualTo(Inside.namespace(infra, "ipc"));
        assertThat(Inside.namespace(b, "pid")).isNotEqualTo(Inside.namespace(infra, "pid"));
        assertThat(Inside.namespace(b, "net")).isNotEqualTo(Inside.namespace(infra, "net"));
        assertThat(Inside.sh(a, "hostname")).isEqualTo("together");
        Inside.sh(a, "echo for all > /dev/shm/note");
        assertThat(Inside.sh(b, "cat /dev/shm/note")).isEqualTo("for all");
        // Process 1 is the infra container's, and takes in whose parent has ended.
        assertThat(Inside.sh(a, "cat /proc/1/comm")).isEqualTo("pause");
        Inside.sh(a, "sh -c 'sleep 0.1 & true'");
        await().untilAsserted(() -> assertThat(Inside.sh(a, "ps -o stat,comm")).doesNotContain("Z"));
        pod.remove(true, AT_ONCE);
    }

    @Test
    void thePodsNetworkIsOneForAll() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        root.ctr("pod", "create", "-p", port + ":80", "web");
        assertThat(root.run("run", "--pod", "web", "-p", "81:81", "bb", "true").failedWith(125))
                .isEqualTo("Error: invalid config provided: published or exposed ports must be defined when the pod is"
                        + " created: network cannot be configured when it is shared with a pod");
        root.ctr(
                "run",
                "-d",
                "--pod",
                "web",
                "--name",
                "server",
                "bb",
                "sh",
                "-c",
                "mkdir /www; echo served > /www/index.html; exec httpd -f -p 80 -h /www");
        Container client = engine.create(
                CreateOptions.fromImage("bb").name("client").pod("web").command(List.of("sleep", "1000")));
        client.start();
        await().untilAsserted(() ->
                assertThat(Inside.sh(client, "wget -q -O - http://127.0.0.1/")).isEqualTo("served"));
        assertThat(Commands.run("busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:" + port + "/")
                        .succeeded())
                .isEqualTo("served");
        assertThat(Inside.sh(client, "cat /etc/hosts"))
                .contains("web")
                .contains("server")
                .contains("client");
        assertThat(JsonOutput.inspect(root, "client")
                        .at("/NetworkSettings/IPAddress")
                        .asText())
                .isEqualTo(JsonOutput.inspect(root, "server")
                        .at("/NetworkSettings/IPAddress")
                        .asText())
                .isNotEmpty();
        engine.pod("web").remove(true, AT_ONCE);
    }

    @Test
    void aContainerMayBringItsPodWithIt() {
        assertThat(root.ctr("run", "--pod", "new:fresh", "--network", "none", "--name", "first", "bb", "hostname"))
                .isEqualTo("fresh");
        assertThat(engine.pod("fresh").containers()).hasSize(2);
        assertThat(root.run("run", "--pod", "new:failed", "--network", "none", "nosuch:image", "true")
                        .exitCode())
                .isEqualTo(125);
        assertThat(root.run("pod", "exists", "failed").exitCode()).isEqualTo(1);
        engine.pod("fresh").remove(true, AT_ONCE);
    }

    @Test
    void podsAndContainersHaveTheirNamesInCommon() {
        engine.create(
                CreateOptions.fromImage("bb").name("common").network("none").command(List.of("true")));
        assertThatThrownBy(() -> engine.createPod(isolated("common")))
                .hasMessage("adding pod to state: name \"common\" is in use: container already exists");
        Pod pod = engine.createPod(isolated("mine").infra(false));
        assertThatThrownBy(() -> engine.createPod(isolated("mine")))
                .hasMessage("adding pod to state: name \"mine\" is in use: pod already exists");
        assertThatThrownBy(() ->
                        engine.create(CreateOptions.fromImage("bb").name("mine").command(List.of("true"))))
                .hasMessage("name \"mine\" is in use: pod already exists");
        assertThat(engine.pod("mine").id()).isEqualTo(pod.id());
        pod.remove(false, Optional.empty());
        engine.createPod(isolated("mine").infra(false)).remove(false, Optional.empty());
    }

    @Test
    void aPodMayDoWithoutAnInfraContainer() {
        Pod pod = engine.createPod(isolated("bare").infra(false));
        assertThatThrownBy(pod::start).hasMessageContaining("cannot start pod: no such container");
        Container alone = engine.create(CreateOptions.fromImage("bb")
                .name("alone")
                .pod("bare")
                .network("none")
                .command(List.of("sleep", "1000")));
        assertThat(alone.config().dependencies()).isEmpty();
        pod.start();
        assertThat(pod.status()).isEqualTo(PodStatus.RUNNING);
        JsonNode inspected = pod.inspect();
        assertThat(inspected.path("CreateInfra").asBoolean()).isFalse();
        assertThat(inspected.has("SharedNamespaces")).isFalse();
        pod.remove(true, AT_ONCE);
        assertThatThrownBy(() -> engine.createPod(isolated("bare").infra(false).share(Set.of(NamespaceKind.NET))))
                .hasMessage("cannot set share(net) namespaces without an infra container");
        assertThatThrownBy(() -> engine.createPod(isolated("bare").exitPolicy("foo")))
                .hasMessage("running pod create option: invalid pod exit policy: \"foo\"");
        assertThat(root.run("pod", "create", "--share", "foo").failedWith(125))
                .isEqualTo(
                        "Error: invalid kernel namespace to share: foo. Options are: cgroup, ipc, net, pid, uts or none");
    }

    @Test
    void theInfraContainerEndsAfterTheLastMemberIfThePolicySaysSo() {
        Pod pod = engine.createPod(isolated("ending").exitPolicy("stop"));
        Container job = engine.create(
                CreateOptions.fromImage("bb").name("job").pod("ending").command(List.of("true")));
        job.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> pod.status() == PodStatus.EXITED);
        pod.remove(false, Optional.empty());
    }

    @Test
    void aMemberIsNotRemovedUnderAContainerOutside() {
        Pod pod = engine.createPod(isolated("needed"));
        Container member = member(pod, "needed-member");
        Container outside = engine.create(CreateOptions.fromImage("bb")
                .name("outside")
                .network("container:needed-member")
                .command(List.of("true")));
        assertThatThrownBy(() -> pod.remove(true, AT_ONCE))
                .hasMessageContaining("container " + member.id()
                        + " has dependent containers which must be removed before it: " + outside.id());
        assertThat(pod.containers()).hasSize(2);
        outside.remove(false, true);
        pod.remove(true, AT_ONCE);
    }

    @Test
    void whatADeadCreationOrRemovalHasLeftIsCleanedAway() throws IOException {
        Pod half = engine.createPod(isolated("half-made"));
        Files.delete(configuration(half));
        assertThat(engine.pods()).noneMatch(pod -> pod.id().equals(half.id()));

        Pod halfRemoved = engine.createPod(isolated("half-removed"));
        Container member = member(halfRemoved, "survivor");
        member.start();
        ObjectNode json = (ObjectNode) JsonOutput.of(Files.readString(configuration(halfRemoved)));
        Files.writeString(
                configuration(halfRemoved), json.put("ctrRemoving", true).toString());
        assertThatThrownBy(() -> member(halfRemoved, "too-late")).hasMessageContaining("no such pod");

        halfRemoved.remove(false, AT_ONCE);
        assertThat(engine.containers()).noneMatch(container -> {
            String pod = container.config().pod().map(Object::toString).orElse("");
            return pod.equals(half.id().hex()) || pod.equals(halfRemoved.id().hex());
        });
        engine.createPod(isolated("half-made").infra(false)).remove(false, Optional.empty());
    }

    @Test
    void aNewMemberAndTheRemovalOfItsPodNeverBothSucceed() throws Exception {
        for (int round = 0; round < 6; round++) {
            Pod pod = engine.createPod(isolated("racing").infra(round % 2 == 0));
            CompletableFuture<Void> removal = CompletableFuture.runAsync(() -> pod.remove(true, AT_ONCE));
            CompletableFuture<Container> creation = CompletableFuture.supplyAsync(() -> member(pod, "racer"));
            boolean removed =
                    removal.handle((nothing, failure) -> failure == null).get(60, TimeUnit.SECONDS);
            boolean created =
                    creation.handle((nothing, failure) -> failure == null).get(60, TimeUnit.SECONDS);
            assertThat(removed).as("removal in round " + round).isTrue();
            if (created) {
                // It was a member for a moment, and went with its pod.
                assertThat(engine.containers())
                        .noneMatch(container -> container.name().equals("racer"));
            }
            assertThat(engine.containers())
                    .noneMatch(container ->
                            container.config().pod().filter(pod.id()::equals).isPresent());
        }
    }

    private static Path configuration(Pod pod) {
        return root.root().resolve("pods/" + pod.id() + "/pod.json");
    }
}
