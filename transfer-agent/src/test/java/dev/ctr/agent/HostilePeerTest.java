package dev.ctr.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.agent.AgentException.Reason;
import dev.ctr.agent.metrics.Metrics;
import dev.ctr.agent.pki.CertificateAuthority;
import dev.ctr.proto.agent.AgentGrpc;
import dev.ctr.proto.agent.PingRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever comes over the wire, the agent refuses it, counts it, and goes on serving. */
class HostilePeerTest {
    private static final HostAndPort ANY_PORT = new HostAndPort("127.0.0.1", 0);
    private static final int WAIT_MILLIS = 20_000;
    private static final int POLL_MILLIS = 20;

    @TempDir
    Path directory;

    private final Metrics metrics = new Metrics();
    private CertificateAuthority authority;
    private Identity client;
    private AgentServer agent;

    @BeforeEach
    void startAgent() {
        authority = CertificateAuthority.init(directory);
        client = authority.issue("host-b", List.of(), false);
        agent = AgentServer.start(AgentOptions.of(ANY_PORT, authority.issue("host-a", List.of("127.0.0.1"), false))
                .withMetrics(metrics)
                .withService(new AgentGrpc.AgentImplBase() {})
                .withLimits(AgentLimits.DEFAULT
                        .withHandshake(Duration.ofMillis(500))
                        .withConnectionsPerAddress(8)));
    }

    @AfterEach
    void stopAgent() {
        agent.close();
    }

    @Test
    void whatIsNotTlsIsRefused() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEnds(socket);
        }
        assertRefused("garbage");
    }

    @Test
    void whoSaysNothingOrStopsHalfWayIsSentAway() throws Exception {
        try (Socket silent = connect();
                Socket slow = connect()) {
            slow.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0});
            assertEnds(silent);
            assertEnds(slow);
        }
        assertRefused("silent");
        assertRefused("closed");
    }

    @Test
    void whoHasNoCertificateIsRefused() throws Exception {
        assertHandshakeFails(new KeyManager[0]);
        assertRefused("no-certificate");
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        Instant longAgo = Instant.now().minus(Duration.ofDays(2));
        assertHandshakeFails(keys(authority.issue("host-c", List.of(), false, longAgo, Duration.ofDays(1))));
        assertRefused("expired");
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        CertificateAuthority other = CertificateAuthority.init(directory.resolve("other"));
        Credentials stranger = Credentials.read(other.issue("host-b", List.of(), false));
        assertHandshakeFails(new KeyManager[] {stranger.keyManager()});
        assertRefused("untrusted");
    }

    @Test
    void onePeerCannotTakeAllConnections() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int number = 0; number < 12; number++) {
                sockets.add(connect());
            }
            await(() -> refusals("limit") == 4);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        await(() -> metrics.text().contains("ctr_agent_connections 0\n"));
        assertRefused("limit");
    }

    @Test
    void aMessageThatIsTooLargeEndsItsCallOnly() {
        try (AgentChannel channel = AgentChannel.connect(agent.address(), client)) {
            HealthCheckRequest large = HealthCheckRequest.newBuilder()
                    .setService("x".repeat(Protocol.LARGEST_MESSAGE_BYTES + 1))
                    .build();
            assertThatThrownBy(() -> HealthGrpc.newBlockingStub(channel.calls()).check(large))
                    .hasMessageContaining("RESOURCE_EXHAUSTED");
            assertServes(channel);
        }
    }

    @Test
    void anotherVersionOfTheProtocolIsRefusedByBothNumbers() {
        Metadata headers = new Metadata();
        headers.put(Protocol.VERSION_KEY, "7");
        ManagedChannel connection = NettyChannelBuilder.forAddress(
                        "127.0.0.1", agent.address().port())
                .sslContext(Transport.client(Credentials.read(client)))
                .build();
        try {
            AgentGrpc.AgentBlockingStub stub = AgentGrpc.newBlockingStub(connection);
            assertThatThrownBy(() -> stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                            .ping(PingRequest.getDefaultInstance()))
                    .hasMessageContaining("this agent speaks version 1 of the protocol, the caller version 7");
            assertThatThrownBy(() -> stub.ping(PingRequest.getDefaultInstance()))
                    .hasMessageContaining("the caller names none");
        } finally {
            connection.shutdownNow();
        }
        try (AgentChannel channel = AgentChannel.connect(agent.address(), client)) {
            assertThatThrownBy(() -> new AgentClient(channel).ping())
                    .isInstanceOfSatisfying(
                            AgentException.class,
                            failure -> assertThat(failure.reason()).isEqualTo(Reason.NOT_AN_AGENT));
        }
    }

    private void assertServes(AgentChannel channel) {
        assertThat(HealthGrpc.newBlockingStub(channel.calls())
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatusValue())
                .isEqualTo(1);
    }

    private Socket connect() throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), agent.address().port());
        socket.setSoTimeout(WAIT_MILLIS);
        return socket;
    }

    /** Reads until the agent closes, which it does by an end or a reset. */
    private static void assertEnds(Socket socket) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // A TLS alert may come first.
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private void assertHandshakeFails(KeyManager[] keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, new TrustManager[] {new PeerTrust(Credentials.read(client))}, null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(connect(), "127.0.0.1", agent.address().port(), true)) {
            assertThatThrownBy(() -> {
                        socket.startHandshake();
                        socket.getInputStream().read();
                    })
                    .isInstanceOfAny(SSLException.class, SocketException.class);
        }
    }

    private static KeyManager[] keys(Identity identity) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry(
                "own",
                PemFile.privateKey(identity.key()),
                new char[0],
                PemFile.certificates(identity.certificate()).toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private void assertRefused(String reason) throws InterruptedException {
        await(() -> refusals(reason) > 0);
        try (AgentChannel channel = AgentChannel.connect(agent.address(), client)) {
            assertServes(channel);
        }
    }

    private long refusals(String reason) {
        return metrics.counter("ctr_agent_connections_refused_total", "", "reason")
                .value(reason);
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        for (int waited = 0; !condition.getAsBoolean(); waited += POLL_MILLIS) {
            assertThat(waited).as(metrics.text()).isLessThan(WAIT_MILLIS);
            Thread.sleep(POLL_MILLIS);
        }
    }
}
