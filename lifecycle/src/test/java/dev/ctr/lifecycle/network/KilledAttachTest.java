package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
                            Map.of(Networks.DEFAULT_NETWORK, TestHost.anyAddress()),
                            List.of(PortMapping.parse("8080:80"))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "host-local", "portmap", "firewall"})
    void detachReleasesWhatAKilledProcessAndItsPluginMade(String plugin) throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        Path plugins = pluginsOfWhichOneKills(plugin);

        assertThat(attachInAnotherProcess(web, plugins)).isEqualTo(KILLED);
        host.detach(web);
        PluginRun.awaitOrphans(
                "web-" + NetworkDefinition.sha256(host.root("root").toString()).substring(0, 8));

        assertThat(host.containerRules()).isEmpty();
        assertThat(host.leases()).isEmpty();
        assertThat(host.links()).containsOnly("lo", "ctr0");
        assertThat(host.ledger().resolve("claims")).isDirectoryNotContaining("glob:**.json");
        assertThat(web.stateDirectory()).isEmptyDirectory();
    }

    /** A directory with a plugin that, when asked to ADD, kills the JVM above it, takes its time, and then does its work. */
    private Path pluginsOfWhichOneKills(String type) throws IOException {
        Path directory = Files.createDirectory(host.directory().resolve("plugins"));
        Path killer = directory.resolve(type);
        Files.writeString(killer, """
                #!/bin/sh
                if [ "$CNI_COMMAND" = ADD ]; then
                    sleep 0.1
                    kill -9 "$(cat %s)"
                    sleep 2
                fi
                exec /usr/lib/cni/%s
                """.formatted(host.directory().resolve("victim"), type));
        Files.setPosixFilePermissions(killer, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    private int attachInAnotherProcess(NetworkAttachment web, Path plugins) throws Exception {
        Process process = host.call(() -> {
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Attacher.class.getName(),
                            host.root("root").toString(),
                            web.namespace().toString(),
                            web.stateDirectory().toString())
                    .inheritIO();
            builder.environment().put("CTR_CNI_PATH", plugins.toString());
            return builder.start();
        });
        Files.writeString(host.directory().resolve("victim"), String.valueOf(process.pid()));
        return process.waitFor();
    }
}
