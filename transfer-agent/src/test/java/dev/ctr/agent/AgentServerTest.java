package dev.ctr.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.agent.AgentException.Reason;
import dev.ctr.agent.pki.CertificateAuthority;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentServerTest {
    private static final HostAndPort ANY_PORT = new HostAndPort("127.0.0.1", 0);

    @TempDir
    Path directory;

    private Identity server;
    private Identity client;

    @BeforeEach
    void issueCertificates() {
        CertificateAuthority authority = CertificateAuthority.init(directory);
        server = authority.issue("host-a", List.of("127.0.0.1"), false);
        client = authority.issue("host-b", List.of(), false);
    }

    @Test
    void servesAPeerOfItsAuthority() {
        try (AgentServer agent = AgentServer.start(AgentOptions.of(ANY_PORT, server));
                AgentChannel channel = AgentChannel.connect(agent.address(), client)) {
            assertThat(health(channel)).isEqualTo(ServingStatus.SERVING);
        }
    }

    @Test
    void doesNotServeAPeerThatIsNotAllowed() {
        try (AgentServer agent =
                        AgentServer.start(AgentOptions.of(ANY_PORT, server).withAllowed(Set.of("host-c")));
                AgentChannel channel = AgentChannel.connect(agent.address(), client)) {
            assertFails(channel, Reason.NOT_ALLOWED, "does not serve host-b: start it with --allow host-b");
        }
    }

    @Test
    void bothSidesRefuseAnAuthorityThatIsNotTheirs() {
        CertificateAuthority other = CertificateAuthority.init(directory.resolve("other"));
        Identity stranger = other.issue("host-b", List.of(), false);
        Identity halfStranger = new Identity(stranger.certificate(), stranger.key(), client.authority());
        try (AgentServer agent = AgentServer.start(AgentOptions.of(ANY_PORT, server));
                AgentChannel wrongBoth = AgentChannel.connect(agent.address(), stranger);
                AgentChannel wrongOwn = AgentChannel.connect(agent.address(), halfStranger)) {
            assertFails(wrongBoth, Reason.UNTRUSTED, "was not issued by an authority that is known here");
            assertFails(wrongOwn, Reason.NOT_ACCEPTED, "does not accept this certificate");
        }
    }

    @Test
    void theClientRefusesAnotherHostsCertificate() {
        Identity elsewhere = CertificateAuthority.in(directory).issue("host-d", List.of(), false);
        try (AgentServer agent = AgentServer.start(AgentOptions.of(ANY_PORT, elsewhere));
                AgentChannel channel = AgentChannel.connect(agent.address(), client)) {
            assertFails(channel, Reason.WRONG_NAME, "is for [host-d] and not for 127.0.0.1");
        }
    }

    @Test
    void anExpiredCertificateIsRefusedAtOnce() {
        Identity old = CertificateAuthority.in(directory)
                .issue("host-e", List.of(), false, Instant.now().minusSeconds(7200), Duration.ofHours(1));
        assertThatThrownBy(() -> AgentChannel.connect(ANY_PORT, old))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("expired on");
    }

    private static ServingStatus health(AgentChannel channel) {
        return HealthGrpc.newBlockingStub(channel.calls())
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    private static void assertFails(AgentChannel channel, Reason reason, String sentence) {
        assertThatThrownBy(() -> health(channel)).isInstanceOfSatisfying(StatusRuntimeException.class, failure -> {
            AgentException explained = channel.explain(failure);
            assertThat(explained).hasMessageContaining(sentence);
            assertThat(explained.reason()).isEqualTo(reason);
        });
    }
}
