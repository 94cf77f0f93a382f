package dev.ctr.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import dev.ctr.agent.AgentException.Reason;
import dev.ctr.agent.pki.CertificateAuthority;
import dev.ctr.proto.agent.AgentGrpc;
import dev.ctr.proto.agent.PingRequest;
import dev.ctr.proto.agent.PingResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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

    @Test
    void takesNewAuthoritiesWithoutARestart() throws Exception {
        CertificateAuthority other = CertificateAuthority.init(directory.resolve("other"));
        Identity newcomer = other.issue("host-f", List.of(), false);
        Identity known = new Identity(newcomer.certificate(), newcomer.key(), client.authority());
        Path authorities = Files.copy(server.authority(), directory.resolve("authorities.crt"));
        Identity renewable = new Identity(server.certificate(), server.key(), authorities);
        try (AgentServer agent = AgentServer.start(AgentOptions.of(ANY_PORT, renewable))) {
            try (AgentChannel channel = AgentChannel.connect(agent.address(), known)) {
                assertFails(channel, Reason.NOT_ACCEPTED, "does not accept this certificate");
            }
            Files.writeString(authorities, "nonsense");
            assertThatThrownBy(agent::reload).hasMessageContaining("authorities.crt");
            Files.write(authorities, Files.readAllBytes(newcomer.authority()));
            agent.reload();
            try (AgentChannel channel = AgentChannel.connect(agent.address(), known)) {
                assertThat(health(channel)).isEqualTo(ServingStatus.SERVING);
            }
        }
    }

    @Test
    void runningCallsEndBeforeAStoppedAgentDoes() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AgentGrpc.AgentImplBase slow = new AgentGrpc.AgentImplBase() {
            @Override
            public void ping(PingRequest request, StreamObserver<PingResponse> answers) {
                begun.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                answers.onNext(PingResponse.newBuilder()
                        .setVersion(Peer.current().name())
                        .build());
                answers.onCompleted();
            }
        };
        AgentServer agent = AgentServer.start(AgentOptions.of(ANY_PORT, server).withService(slow));
        try (AgentChannel channel = AgentChannel.connect(agent.address(), client);
                AgentChannel late = AgentChannel.connect(agent.address(), client)) {
            ListenableFuture<PingResponse> call =
                    AgentGrpc.newFutureStub(channel.calls()).ping(PingRequest.getDefaultInstance());
            begun.await();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> agent.stop(Duration.ofMinutes(1)));
            go.countDown();
            assertThat(call.get().getVersion()).isEqualTo("host-b");
            stopped.get();
            assertFails(late, Reason.UNREACHABLE, "connection refused");
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        try (AgentServer agent = AgentServer.start(AgentOptions.of(ANY_PORT, server))) {
            assertThatThrownBy(() -> AgentServer.start(AgentOptions.of(agent.address(), server)))
                    .isInstanceOf(AgentException.class)
                    .hasMessage("cannot listen on " + agent.address() + ": Address already in use");
        }
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
