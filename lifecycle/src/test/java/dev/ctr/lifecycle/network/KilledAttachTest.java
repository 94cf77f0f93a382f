package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The process that attaches a container is killed while a plugin is at work; the plugin goes on without it. */
final class KilledAttachTest {
    private static final int KILLED = 128 + 9;

    private TestHost host;

    @BeforeAll
    static void needsNamespacesAndPlugins() {
        assumeTrue(TestHost.canRun(), "making network namespaces, iptables, and CNI plugins in /usr/lib/cni");
    }

    @BeforeEach
    void makeHost() throws Exception {
        host = TestHost.create();
    }

    @AfterEach
    void removeHost() throws Exception {
        host.close();
    }

    /** Attaches the container that {@code main}'s arguments describe; meant to be killed. */
    public static final class Attacher {
        private Attacher() {}

        public static void main(String[] arguments) {
            new Networks(Path.of(arguments[0]))
                    .attach(new NetworkAttachment(
                            "web",
                            "web",
                            Path.of(arguments[1]),
                            Path.of(arguments[2]),
                            networks(List.of(arguments).subList(3, arguments.length)),
                            List.of(PortMapping.parse("8080:80"))));
        }
    }

    /** Any address on each network, in this order. */
    private static Map<String, NetworkOptions> networks(List<String> names) {
        Map<String, NetworkOptions> networks = new LinkedHashMap<>();
        names.forEach(name -> networks.put(name, NetworkOptions.ANY));
        return NetworkOptions.withInterfaceNames(networks);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "host-local", "firewall"})
    void detachReleasesAllOfSeveralNetworks(String plugin) throws Exception {
        host.call(() -> new Networks(host.root("root")).create(new NetworkCreateOptions().name("back")));
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        Path plugins = pluginsOfWhichOneKills(plugin, "eth1");

        assertThat(attachInAnotherProcess(web, plugins, Networks.DEFAULT_NETWORK, "back"))
                .isEqualTo(KILLED);
        host.detach(web);

        assertThat(host.containerRules()).isEmpty();
        assertThat(host.leases()).isEmpty();
        assertThat(host.ledger().resolve("addresses/back")).isDirectoryNotContaining("glob:**10.*");
        assertThat(host.links()).containsOnly("lo", "ctr0", "ctr1");
        assertThat(host.ledger().resolve("claims")).isDirectoryNotContaining("glob:**.json");
        assertThat(web.stateDirectory()).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "host-local", "portmap", "firewall"})
    void detachReleasesWhatAKilledProcessAndItsPluginMade(String plugin) throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        Path plugins = pluginsOfWhichOneKills(plugin, "eth0");

        assertThat(attachInAnotherProcess(web, plugins, Networks.DEFAULT_NETWORK))
                .isEqualTo(KILLED);
        host.detach(web);
        PluginRun.awaitOrphans(
                "web-" + NetworkDefinition.sha256(host.root("root").toString()).substring(0, 8));

        assertThat(host.containerRules()).isEmpty();
        assertThat(host.leases()).isEmpty();
        assertThat(host.links()).containsOnly("lo", "ctr0");
        assertThat(host.ledger().resolve("claims")).isDirectoryNotContaining("glob:**.json");
        assertThat(web.stateDirectory()).isEmptyDirectory();
    }

    /**
     * A directory with a plugin that, when asked to ADD an interface, kills the JVM above it, takes its time, and then does its
     * work.
     */
    private Path pluginsOfWhichOneKills(String type, String interfaceName) throws IOException {
        Path directory = Files.createDirectory(host.directory().resolve("plugins"));
        Path killer = directory.resolve(type);
        Files.writeString(killer, """
                #!/bin/sh
                if [ "$CNI_COMMAND $CNI_IFNAME" = "ADD %s" ]; then
                    sleep 0.1
                    kill -9 "$(cat %s)"
                    sleep 2
                fi
                exec /usr/lib/cni/%s
                """.formatted(interfaceName, host.directory().resolve("victim"), type));
        Files.setPosixFilePermissions(killer, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    private int attachInAnotherProcess(NetworkAttachment web, Path plugins, String... networks) throws Exception {
        Process process = host.call(() -> {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Attacher.class.getName(),
                    host.root("root").toString(),
                    web.namespace().toString(),
                    web.stateDirectory().toString()));
            command.addAll(List.of(networks));
            ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
            builder.environment().put("CTR_CNI_PATH", plugins.toString());
            return builder.start();
        });
        Files.writeString(host.directory().resolve("victim"), String.valueOf(process.pid()));
        return process.waitFor();
    }
}
