package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.image.Image;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A container whose image the target lacks. */
@EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
class ImageMigrationTest {
    private static final long MIB = 1 << 20;

    @Test
    void onlyTheLayersThatTheTargetLacksAreSent() throws Exception {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        try (TestHosts hosts = TestHosts.of(2);
                TestAgents agents = TestAgents.of(hosts.host(0), hosts.host(1))) {
            TestHost a = hosts.host(0);
            TestHost b = hosts.host(1);
            a.root().withBusybox();
            Container base = run(a, "bb", "base", "head -c 33554432 /dev/urandom > /app/large; sleep 1000");
            a.ctr("exec", "base", "sh", "-c", "until [ $(stat -c %s /app/large) = 33554432 ]; do sleep 0.1; done");
            a.ctr("commit", "base", "large");
            base.remove(true, true);
            Container grown = run(a, "large", "grown", "echo small > /app/small; sleep 1000");
            a.ctr("commit", "grown", "larger");
            grown.remove(true, true);
            agents.start(b);

            run(a, "large", "first", "sleep 1000");
            assertThat(sent(agents, a, b, "first")).isGreaterThan(32 * MIB);
            run(a, "larger", "second", "sleep 1000");
            b.engine().images().tag("large", "larger");
            assertThat(sent(agents, a, b, "second")).isLessThan(16 * MIB);

            assertThat(b.ctr("exec", "second", "cat", "/app/small")).isEqualTo("small");
            Optional<Image> there = b.engine().images().find(second(a).id().hex());
            assertThat(there).map(Image::diffIds).contains(second(a).diffIds());
            assertThat(b.engine().images().find("larger")).map(Image::id).isNotEqualTo(there.map(Image::id));
        }
    }

    private static Image second(TestHost host) {
        return host.engine().images().find("larger").orElseThrow();
    }

    private static Container run(TestHost host, String image, String name, String script) throws Exception {
        return host.call(() -> {
            Container container = host.engine()
                    .create(CreateOptions.fromImage(image)
                            .name(name)
                            .network("none")
                            .command(List.of("sh", "-c", script)));
            container.start();
            return container;
        });
    }

    /** Migrates, and returns how many bytes that took. */
    private static long sent(TestAgents agents, TestHost from, TestHost to, String name) throws Exception {
        JsonNode result = new ObjectMapper()
                .readTree(agents.migrate(from, to, name, "--strategy", "cold", "--format", "json")
                        .succeeded());
        return result.path("bytes_sent").asLong();
    }
}
