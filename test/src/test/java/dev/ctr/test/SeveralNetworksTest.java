package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Containers that run on several networks, on a host made of a network namespace. */
final class SeveralNetworksTest {
    private static CtrRoot root;
    private static HostNamespace host;

    @BeforeAll
    static void makeNetworks() {
        assumeTrue(HostNamespace.canRun(), "making network namespaces and bridges, and iptables");
        root = CtrRoot.create().withBusybox();
        host = HostNamespace.of(root);
        host.ctr("network", "create", "--subnet", "10.120.1.0/24", "front");
        host.ctr("network", "create", "--subnet", "10.120.2.0/24", "back");
    }

    @AfterAll
    static void nothingIsLeft() {
        if (root != null) {
            try (CtrRoot closed = root;
                    HostNamespace gone = host) {
                assertThat(closed).isNotNull();
                assertThat(gone).isNotNull();
            }
        }
    }

    private static void sleep(String name, String... flags) {
        String[] words = new String[flags.length + 8];
        System.arraycopy(new String[] {"run", "-d", "--cap-add", "NET_RAW", "--name"}, 0, words, 0, 5);
        words[5] = name;
        System.arraycopy(flags, 0, words, 6, flags.length);
        words[flags.length + 6] = "bb";
        words[flags.length + 7] = "cat";
        host.ctr(withInput(words));
    }

    /** {@code cat} that never sees the end of its input. */
    private static String[] withInput(String... words) {
        String[] all = new String[words.length + 1];
        all[0] = words[0];
        all[1] = "-i";
        System.arraycopy(words, 1, all, 2, words.length - 1);
        return all;
    }

    @Test
    void aContainerJoinsEachAsAskedAndContainersFindEachOtherByName() {
        sleep(
                "web",
                "--network",
                "front:interface_name=net7,alias=www",
                "--network",
                "back:ip=10.120.2.77,mac=02:11:22:33:44:55",
                "--network-alias",
                "both");
        assertThat(host.ctr("exec", "web", "ip", "-4", "-o", "addr"))
                .contains("net7    inet 10.120.1.2/24", "eth0    inet 10.120.2.77/24");
        assertThat(host.ctr("exec", "web", "cat", "/sys/class/net/eth0/address"))
                .isEqualTo("02:11:22:33:44:55");
        assertThat(host.ctr("exec", "web", "ip", "route").lines().filter(route -> route.startsWith("default")))
                .singleElement()
                .asString()
                .contains("via 10.120.1.1 dev net7");
        JsonNode settings = JsonOutput.inspect(root, "web").path("NetworkSettings");
        assertThat(settings.path("IPAddress").asText())
                .as("as podman, for the default network only")
                .isEmpty();
        assertThat(settings.at("/Networks/front/IPAddress").asText()).isEqualTo("10.120.1.2");
        assertThat(settings.at("/Networks/front/Gateway").asText()).isEqualTo("10.120.1.1");
        assertThat(settings.at("/Networks/back/IPAddress").asText()).isEqualTo("10.120.2.77");
        assertThat(settings.at("/Networks/back/MacAddress").asText()).isEqualTo("02:11:22:33:44:55");
        assertThat(settings.at("/Networks/front/Aliases").toString()).startsWith("[\"www\",\"both\",");

        sleep("db", "--network", "back", "--network-alias", "postgres");
        sleep("other", "--network", "podman");
        assertThat(host.ctr("exec", "web", "ping", "-c", "1", "-W", "5", "postgres"))
                .contains("1 packets received");
        assertThat(host.ctr("exec", "db", "ping", "-c", "1", "-W", "5", "both")).contains("1 packets received");
        assertThat(host.ctr("exec", "db", "cat", "/etc/hosts"))
                .contains("10.120.2.77\tweb both ")
                .doesNotContain("10.120.1.", "www", "\tother");
        assertThat(host.ctr("exec", "other", "cat", "/etc/hosts")).doesNotContainPattern("\\b(web|db)\\b");

        host.ctr("stop", "-t", "0", "db");
        assertThat(host.ctr("exec", "web", "cat", "/etc/hosts")).doesNotContain("postgres");
        host.ctr("network", "connect", "--alias", "late", "front", "other");
        assertThat(host.ctr("exec", "other", "ping", "-c", "1", "-W", "5", "www"))
                .contains("1 packets received");
        assertThat(host.ctr("exec", "web", "ping", "-c", "1", "-W", "5", "late"))
                .contains("1 packets received");
        host.ctr("network", "disconnect", "front", "other");
        assertThat(host.ctr("exec", "other", "ip", "-o", "link"))
                .contains("eth0")
                .doesNotContain("eth1");
        assertThat(host.ctr("exec", "web", "cat", "/etc/hosts")).doesNotContain("late");
        assertThat(host.run("network", "connect", "podman", "other").failedWith(125))
                .contains("container other is already connected to network \"podman\"");

        host.ctr("rm", "-f", "-t", "0", "web");
        assertThat(host.sh("ls /run/ctr-ipam/*-$(stat -Lc %i /proc/self/ns/net)/addresses/front"))
                .doesNotContain("10.120.");
    }

    @Test
    void afterAFlushReloadPublishesAgain() {
        host.ctr(withInput(
                "run",
                "-d",
                "--name",
                "served",
                "-p",
                "127.0.0.1:8080:80",
                "bb",
                "sh",
                "-c",
                "mkdir /www; echo hello > /www/index.html; httpd -f -p 80 -h /www"));
        String fetch = "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && tail -n 1 <&3";
        String get = "for i in 1 2 3 4 5 6 7 8 9 10; do timeout 3 bash -c \"" + fetch + "\" && exit; sleep 0.3; done";
        assertThat(host.sh(get)).isEqualTo("hello");
        String addresses = host.ctr("exec", "served", "ip", "addr");
        assertThat(host.ctr("port", "served")).isEqualTo("80/tcp -> 127.0.0.1:8080");
        assertThat(host.ctr("port", "served", "80")).isEqualTo("127.0.0.1:8080");
        assertThat(host.run("port", "served", "81").failedWith(125)).contains("failed to find published port \"81\"");
        String id = host.ctr("inspect", "-f", "{{.Id}}", "served");
        assertThat(host.ctr("port", "-a")).contains(id.substring(0, 12) + "\t80/tcp -> 127.0.0.1:8080");

        host.sh("iptables -F; iptables -t nat -F");
        assertThat(host.sh("timeout 1 bash -c \"" + fetch + "\" 2>/dev/null || echo closed"))
                .isEqualTo("closed");
        assertThat(host.ctr("network", "reload", "served")).isEqualTo(id);

        assertThat(host.sh(get)).isEqualTo("hello");
        assertThat(host.ctr("exec", "served", "ip", "addr")).isEqualTo(addresses);
        host.ctr("pause", "served");
        assertThat(host.run("network", "reload", "served").failedWith(125))
                .contains(
                        "cannot reload network unless container network has been configured: container state improper");
        host.ctr("unpause", "served");
        assertThat(host.ctr("network", "reload", "--all").lines()).contains(id);
        host.ctr("rm", "-f", "-t", "0", "served");
    }

    @Test
    void generatedFilesFollowTheModes() {
        assertThat(host.ctr("run", "--rm", "--network", "none", "bb", "cat", "/etc/hosts")
                        .lines())
                .last()
                .asString()
                .startsWith("127.0.0.1\t");
        assertThat(host.run("run", "--rm", "--network", "none", "bb", "cat", "/etc/resolv.conf")
                        .exitCode())
                .as("podman gives none")
                .isNotZero();
        assertThat(host.run("run", "--rm", "--no-hosts", "--dns", "none", "bb", "cat", "/etc/hosts", "/etc/resolv.conf")
                        .errors())
                .contains("can't open '/etc/hosts'", "can't open '/etc/resolv.conf'");
        assertThat(host.ctr(
                        "run",
                        "--rm",
                        "--network",
                        "back",
                        "--add-host",
                        "up;above:host-gateway",
                        "--dns",
                        "192.0.2.53",
                        "--dns-search",
                        ".",
                        "--dns-option",
                        "ndots:3",
                        "bb",
                        "cat",
                        "/etc/hosts",
                        "/etc/resolv.conf"))
                .contains(
                        "10.120.2.1\tup above\n",
                        "10.120.2.1\thost.containers.internal\n",
                        "nameserver 192.0.2.53\noptions ndots:3")
                .doesNotContain("search");
    }
}
