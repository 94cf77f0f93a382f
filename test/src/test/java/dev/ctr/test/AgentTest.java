package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.agent.AgentChannel;
import dev.ctr.agent.AgentClient;
import dev.ctr.agent.AgentException;
import dev.ctr.agent.AgentOptions;
import dev.ctr.agent.AgentServer;
import dev.ctr.agent.AgentService;
import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.Identity;
import dev.ctr.agent.RemoteStreams;
import dev.ctr.agent.pki.CertificateAuthority;
import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerSummary;
import dev.ctr.lifecycle.DetachKeys;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.RemoteAttachOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another host's containers, asked for through its agent. */
final class AgentTest {
    @TempDir
    static Path certificates;

    private static CtrRoot root;
    private static Engine engine;
    private static AgentServer agent;
    private static Identity caller;

    @BeforeAll
    static void startAgent() {
        root = CtrRoot.create().withBusybox();
        engine = Engines.of(root);
        CertificateAuthority authority = CertificateAuthority.init(certificates);
        caller = authority.issue("host-b", List.of(), false);
        Identity own = authority.issue("host-a", List.of("127.0.0.1"), false);
        agent = AgentServer.start(
                AgentOptions.of(new HostAndPort("127.0.0.1", 0), own).withService(new AgentService(engine, "9.9")));
    }

    @AfterAll
    static void nothingIsLeft() {
        agent.close();
        root.close();
    }

    @Test
    void tellsWhoItIsAndWhatItHas() {
        Container idle = engine.create(Engines.busybox("true").name("idle").label("tier", "web"));
        try (AgentChannel channel = AgentChannel.connect(agent.address(), caller)) {
            AgentClient client = new AgentClient(channel);
            assertThat(client.ping().version()).isEqualTo("9.9");
            assertThat(client.ping().names()).containsExactly("host-a", "127.0.0.1");
            assertThat(client.ping().caller()).containsExactly("host-b");
            assertThat(client.containers()).contains(ContainerSummary.of(idle.config(), idle.state()));
        }
    }

    @Test
    void carriesStreamsBothWaysAndTheExitCode() {
        Container asks =
                engine.create(Engines.busybox("sh", "-c", "echo ready; read x; echo got $x; echo err >&2; exit 5")
                        .interactive(true));
        asks.start();
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (AgentChannel channel = AgentChannel.connect(agent.address(), caller);
                RemoteStreams streams = RemoteStreams.open(
                        channel, asks.id().hex(), RemoteAttachOptions.LOGS_AND_STREAM, true, DetachKeys.NONE)) {
            assertThat(streams.terminal()).isFalse();
            int code = streams.carry(new AttachStreams()
                    .input(new ByteArrayInputStream("hello\n".getBytes(StandardCharsets.UTF_8)))
                    .output(output)
                    .errors(errors));
            assertThat(code).isEqualTo(5);
        }
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("ready\ngot hello\n");
        assertThat(errors.toString(StandardCharsets.UTF_8)).isEqualTo("err\n");
    }

    @Test
    void aContainerThatDoesNotExistIsNamedInTheRefusal() {
        try (AgentChannel channel = AgentChannel.connect(agent.address(), caller)) {
            assertThatThrownBy(() ->
                            RemoteStreams.open(channel, "no-such", RemoteAttachOptions.STREAM, false, DetachKeys.NONE))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("no-such");
        }
    }
}
