package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A container moves by its archive between real podman and ctr, which have the same image. */
@ResourceLock("host network")
final class PodmanInterchangeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String VOLUME = "ctr-test-" + UUID.randomUUID();

    /** Leaves traces at every place that an archive carries, then counts. */
    private static final String PROGRAM =
            "echo added > /added; mkdir -p /dir/sub; echo deep > /dir/sub/file; rm /etc/motd;"
                    + " echo kept > /data/kept; echo shared > /dev/shm/shared; i=0;"
                    + " while :; do echo tick $i; i=$((i+1)); sleep 0.05; done";

    private static final String TRACES =
            "cat /added /dir/sub/file /data/kept /dev/shm/shared; test -e /etc/motd || echo gone; hostname";

    private static final String SUBNET = "10.123.77.";
    private static final String MAC = "92:d0:c6:0a:29:34";

    /** Tells a container's address, MAC and terminal. */
    private static final String SETTLED = "ip -4 -o addr show eth0 | sed 's/.*inet \\([0-9./]*\\).*/\\1/';"
            + " cat /sys/class/net/eth0/address; readlink /proc/1/fd/0";

    private static Podman podman;
    private static CtrRoot root;

    @BeforeAll
    static void haveTheSameImage() {
        podman = Podman.assumeUsable();
        root = CtrRoot.create();
        Path image = root.directory().resolve("bb.tar");
        podman.podman("save", "-q", "-o", image.toString(), "bb");
        root.ctr("load", "-i", image.toString());
    }

    @AfterEach
    void removeContainers() {
        podman.podman("rm", "-f", "-a", "-t", "0");
        root.ctr("rm", "-f", "-a", "-t", "0");
        podman.podman("volume", "rm", "-a");
        root.run("volume", "rm", VOLUME);
    }

    @AfterAll
    static void nothingIsLeft() {
        try (Podman first = podman;
                CtrRoot second = root) {
            assertThat(new Object[] {first, second}).isNotEmpty();
        }
    }

    @Test
    void theImageHasOneId() {
        assertThat(root.ctr("image", "inspect", "-f", "{{.Id}}", "bb"))
                .isEqualTo(podman.podman("image", "inspect", "-f", "{{.Id}}", "bb"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd", "none"})
    void podmanLetsAContainerOfCtrsGoOn(String compression) {
        root.ctr(creation("none", "echo changed > /app/conf; " + PROGRAM));
        await().atMost(PATIENCE).until(() -> Ticks.last(root.ctr("logs", "one")) > 3);
        String traces = root.ctr("exec", "one", "sh", "-c", TRACES);
        String id = root.ctr("inspect", "-f", "{{.Id}}", "one");
        String archive = archive("from-ctr-" + compression);
        root.ctr("checkpoint", "-c", compression, "-e", archive, "one");
        int last = Ticks.last(root.ctr("logs", "one"));

        restoreInPodman("-i", archive);
        assertThat(podman.podman("inspect", "-f", "{{.Id}} {{.State.Status}} {{.State.Restored}}", "one"))
                .isEqualTo(id + " running true");
        assertThat(podman.podman("exec", "one", "sh", "-c", TRACES)).isEqualTo(traces);
        assertThat(podman.podman("exec", "one", "cat", "/app/conf")).isEqualTo("changed");
        assertThat(podman.podman("exec", "one", "sh", "-c", "echo $A")).isEqualTo("b");
        await().atMost(PATIENCE).until(() -> Ticks.last(podman.podman("logs", "one")) > last);
        assertThat(Ticks.areComplete(podman.podman("logs", "one"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void ctrLetsAContainerOfPodmansGoOn(String compression) {
        podman.podman(creation("none", PROGRAM));
        await().atMost(PATIENCE).until(() -> Ticks.last(podman.podman("logs", "one")) > 3);
        String traces = podman.podman("exec", "one", "sh", "-c", TRACES);
        String id = podman.podman("inspect", "-f", "{{.Id}}", "one");
        String archive = archive("from-podman-" + compression);
        checkpointInPodman("-c", compression, "-e", archive, "one");
        int last = Ticks.last(podman.podman("logs", "one"));

        assertThat(root.ctr("restore", "-i", archive)).isEqualTo(id);
        assertThat(root.ctr("inspect", "-f", "{{.Id}} {{.State.Status}} {{.State.Restored}}", "one"))
                .isEqualTo(id + " running true");
        assertThat(root.ctr("exec", "one", "sh", "-c", TRACES)).isEqualTo(traces);
        assertThat(root.ctr("exec", "one", "sh", "-c", "echo $A")).isEqualTo("b");
        await().atMost(PATIENCE).until(() -> Ticks.last(root.ctr("logs", "one")) > last);
        assertThat(Ticks.areComplete(root.ctr("logs", "one"))).isTrue();
        assertThat(root.ctr("stop", "-t", "0", "one")).isEqualTo("one");
        root.ctr("start", "one");
        await().atMost(PATIENCE)
                .until(() -> root.ctr("logs", "--tail", "5", "one").contains("tick 3"));
    }

    @Test
    void aContainerGoesThereAndBackAgain() {
        root.ctr(creation("none", PROGRAM));
        await().atMost(PATIENCE).until(() -> Ticks.last(root.ctr("logs", "one")) > 3);
        String traces = root.ctr("exec", "one", "sh", "-c", TRACES);
        root.ctr("checkpoint", "-e", archive("there"), "one");
        root.ctr("rm", "one");
        root.ctr("volume", "rm", VOLUME);
        restoreInPodman("-i", archive("there"));
        int there = Ticks.last(podman.podman("logs", "one"));
        await().atMost(PATIENCE).until(() -> Ticks.last(podman.podman("logs", "one")) > there + 3);
        checkpointInPodman("-e", archive("back"), "one");
        int last = Ticks.last(podman.podman("logs", "one"));
        root.ctr("restore", "-i", archive("back"));
        await().atMost(PATIENCE).until(() -> Ticks.last(root.ctr("logs", "one")) > last);
        assertThat(Ticks.areComplete(root.ctr("logs", "one"))).isTrue();
        assertThat(root.ctr("exec", "one", "sh", "-c", TRACES)).isEqualTo(traces);
    }

    @Test
    void anArchiveOfPodmansCanBeRestoredUnderANewName() {
        podman.podman(creation("none", PROGRAM));
        await().atMost(PATIENCE).until(() -> Ticks.last(podman.podman("logs", "one")) > 3);
        String archive = archive("cloned");
        checkpointInPodman("-R", "-e", archive, "one");
        String two = root.ctr("restore", "-i", archive, "--name", "two");
        String three = root.ctr("restore", "-i", archive, "--name", "three", "--ignore-volumes");
        assertThat(List.of(two, three)).doesNotContain(podman.podman("inspect", "-f", "{{.Id}}", "one"));
        assertThat(two).isNotEqualTo(three);
        for (String clone : List.of("two", "three")) {
            await().atMost(PATIENCE).until(() -> Ticks.last(root.ctr("logs", clone)) > 3);
        }
    }

    @Test
    void podmanFindsAContainerOfABridgeNetworkReachable() {
        assumeTrue(
                podman.run("run", "--rm", "bb", "true").exitCode() == 0,
                "podman cannot run a container on its default network");
        root.ctr(creation("bridge", "httpd -p 80 -h /app; " + PROGRAM));
        await().atMost(PATIENCE).until(() -> Ticks.last(root.ctr("logs", "one")) > 3);
        String archive = archive("bridged");
        root.ctr("checkpoint", "-e", archive, "one");
        root.ctr("rm", "one");
        restoreInPodman("-i", archive, "--ignore-static-ip", "--ignore-static-mac");
        String address = podman.podman("inspect", "-f", "{{.NetworkSettings.Networks.podman.IPAddress}}", "one");
        assertThat(podman.podman("exec", "one", "ip", "-4", "addr", "show", "eth0"))
                .contains("inet " + address + "/");
        assertThat(get("http://" + address + "/conf")).isEqualTo("from the image\n");
    }

    @Test
    void ctrFindsAContainerOfPodmansNetworkReachable() {
        assumeTrue(
                podman.run("run", "--rm", "bb", "true").exitCode() == 0,
                "podman cannot run a container on its default network");
        podman.podman(creation("bridge", "httpd -p 80 -h /app; " + PROGRAM));
        await().atMost(PATIENCE).until(() -> Ticks.last(podman.podman("logs", "one")) > 3);
        String archive = archive("podman-bridged");
        checkpointInPodman("-e", archive, "one");
        root.ctr("restore", "-i", archive, "--ignore-static-ip", "--ignore-static-mac");
        String address = root.ctr("inspect", "-f", "{{.NetworkSettings.Networks.podman.IPAddress}}", "one");
        assertThat(root.ctr("exec", "one", "ip", "-4", "addr", "show", "eth0")).contains("inet " + address + "/");
        assertThat(get("http://" + address + "/conf")).isEqualTo("from the image\n");
    }

    @Test
    void addressPortTerminalAndLabelsGoThereAndBackAgain() throws IOException {
        assumeTrue(HostNamespace.canRun(), "making bridges, and iptables");
        String network = "ctr-test-" + UUID.randomUUID().toString().substring(0, 8);
        String port = Integer.toString(freePort());
        withNetwork(network, root::run, () -> {
            root.ctr(settled(network, port));
            await().atMost(PATIENCE).until(() -> Ticks.last(lines(root.ctr("logs", "one"))) > 3);
            assertIsSettled(root::run, port);
            root.ctr("checkpoint", "-c", "gzip", "-e", archive("there"), "one");
        });
        withNetwork(network, podman::run, () -> {
            restoreInPodman("-i", archive("there"));
            assertIsSettled(podman::run, port);
            // podman's own archives lose this.
            assertThat(podman.podman("exec", "one", "stat", "-c", "%a", "/var")).isEqualTo("700");
            checkpointInPodman("-e", archive("back"), "one");
        });
        withNetwork(network, root::run, () -> {
            root.ctr("restore", "-i", archive("back"));
            assertIsSettled(root::run, port);
            int last = Ticks.last(lines(root.ctr("logs", "one")));
            await().atMost(PATIENCE).until(() -> Ticks.last(lines(root.ctr("logs", "one"))) > last);
            assertThat(Ticks.areComplete(lines(root.ctr("logs", "one")))).isTrue();
        });
    }

    /** Does something while one side has a network of the name and subnet that the other has too, but not at once. */
    private static void withNetwork(String network, Function<String[], CommandResult> side, Runnable action) {
        side.apply(new String[] {"network", "create", "--subnet", SUBNET + "0/24", network})
                .succeeded();
        try {
            action.run();
        } finally {
            side.apply(new String[] {"rm", "-f", "-t", "0", "one"}).exitCode();
            side.apply(new String[] {"network", "rm", network}).exitCode();
        }
    }

    private static String[] settled(String network, String port) {
        List<String> words = new ArrayList<>(List.of("run", "-d", "-t", "--name", "one", "--label", "color=blue"));
        words.addAll(List.of("--network", network, "--ip", SUBNET + "77", "--mac-address", MAC, "-p", port + ":80"));
        words.addAll(List.of("bb", "sh", "-c", "chmod 700 /var; httpd -p 80 -h /app; " + PROGRAM));
        return words.toArray(String[]::new);
    }

    private static void assertIsSettled(Function<String[], CommandResult> side, String port) {
        assertThat(side.apply(new String[] {"exec", "one", "sh", "-c", SETTLED}).succeeded())
                .isEqualTo(String.join("\n", SUBNET + "77/24", MAC, "/dev/pts/0"));
        assertThat(side.apply(new String[] {"inspect", "-f", "{{.Config.Labels.color}} {{.Config.Tty}}", "one"})
                        .succeeded())
                .isEqualTo("blue true");
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> get("http://127.0.0.1:" + port + "/conf").equals("from the image\n"));
    }

    /** A terminal ends its lines with a carriage return too. */
    private static String lines(String log) {
        return log.replace("\r", "");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @Test
    void checkpointctlShowsWhoseArchiveItIs() {
        String checkpointctl = "/usr/local/lib/ctr/bin/checkpointctl";
        assumeTrue(Files.isExecutable(Path.of(checkpointctl)), "checkpointctl is not installed");
        root.ctr(creation("none", PROGRAM));
        await().atMost(PATIENCE).until(() -> Ticks.last(root.ctr("logs", "one")) > 1);
        String id = root.ctr("inspect", "-f", "{{.Id}}", "one");
        root.ctr("checkpoint", "-e", archive("shown"), "one");
        String shown = Commands.run(checkpointctl, "show", archive("shown")).succeeded();
        assertThat(shown.lines().filter(line -> line.contains(id.substring(0, 12))))
                .singleElement()
                .asString()
                .contains("| one ", "localhost/bb:latest", "runc", "Podman");
        String inspected = Commands.run(checkpointctl, "inspect", "--all", archive("shown"))
                .succeeded();
        assertThat(inspected)
                .startsWith("Displaying container checkpoint tree view from")
                .contains("Engine: Podman", "Created: 2", "ID: " + id, "Pages written", "Process tree")
                .contains("Destination: /data", "Root FS diff size");
    }

    private static String[] creation(String network, String program) {
        return new String[] {
            "run",
            "-d",
            "--name",
            "one",
            "--network",
            network,
            "--hostname",
            "wanderer",
            "-e",
            "A=b",
            "-v",
            VOLUME + ":/data",
            "bb",
            "sh",
            "-c",
            program
        };
    }

    private static String archive(String name) {
        return root.directory().resolve(name).toString();
    }

    private static void checkpointInPodman(String... arguments) {
        podman.podman(container("checkpoint", arguments));
    }

    private static void restoreInPodman(String... arguments) {
        podman.podman(container("restore", arguments));
    }

    private static String[] container(String verb, String... arguments) {
        List<String> words = new ArrayList<>(List.of("container", verb));
        words.addAll(List.of(arguments));
        return words.toArray(String[]::new);
    }

    private static String get(String address) {
        try (InputStream page = URI.create(address).toURL().openStream()) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError("cannot read " + address, e);
        }
    }
}
