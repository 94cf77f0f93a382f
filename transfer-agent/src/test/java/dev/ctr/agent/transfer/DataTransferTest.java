package dev.ctr.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.Chunk;
import dev.ctr.proto.migration.DataReply;
import dev.ctr.proto.migration.DataRequest;
import dev.ctr.proto.migration.MigrationGrpc;
import dev.ctr.proto.migration.MigrationGrpc.MigrationStub;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Byte streams between a sender and a receiver over real connections on the loopback interface. */
@Timeout(60)
class DataTransferTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final MigrationId MIGRATION = MigrationId.random();
    private static final Attempt ATTEMPT =
            Attempt.newBuilder().setMigration(MIGRATION.hex()).setEpoch(1).build();

    private final IncomingStreams incoming = new IncomingStreams(MIGRATION);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private Server server;
    private CuttableProxy proxy;

    @BeforeEach
    void serve() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new MigrationGrpc.MigrationImplBase() {
                    @Override
                    public StreamObserver<DataRequest> data(StreamObserver<DataReply> replies) {
                        return new DataCall(DataTransferTest.this::find, replies);
                    }
                })
                .build()
                .start();
        proxy = CuttableProxy.before(server.getPort());
    }

    private IncomingStreams find(Attempt attempt) {
        if (!attempt.equals(ATTEMPT)) {
            throw Status.PERMISSION_DENIED
                    .withDescription("another's migration")
                    .asRuntimeException();
        }
        return incoming;
    }

    @AfterEach
    void stop() throws Exception {
        incoming.close();
        channels.forEach(ManagedChannel::shutdownNow);
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        proxy.close();
    }

    @Test
    void aStreamArrivesInOrderOverSeveralConnections() throws Exception {
        try (DataLinks links = links(3, ChunkCompression.AUTO, Bandwidth.UNLIMITED)) {
            CompletableFuture<byte[]> digest = readAll("a", 0);
            assertThat(send(links.stream("a"), 40 * MEBIBYTE + 17)).isEqualTo(digest.get());
            CompletableFuture<byte[]> empty = readAll("b", 0);
            assertThat(send(links.stream("b"), 0)).isEqualTo(empty.get());
        }
    }

    @Test
    void aStreamGoesOnWhereItWasWhenItsConnectionsAreCut() throws Exception {
        try (DataLinks links =
                links(2, new ChunkCompression(ChunkCompression.Mode.ALWAYS, 1), Bandwidth.of(60 * MEBIBYTE))) {
            CompletableFuture<byte[]> digest = readAll("a", 0);
            CompletableFuture<byte[]> sent = CompletableFuture.supplyAsync(() -> {
                try {
                    return send(links.stream("a"), 60 * MEBIBYTE);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            for (int cut = 0; cut < 3; cut++) {
                long before = incoming.bytes();
                while (incoming.bytes() < before + 5 * MEBIBYTE && !digest.isDone()) {
                    Thread.sleep(5);
                }
                proxy.cut();
            }
            assertThat(sent.get()).isEqualTo(digest.get());
        }
    }

    /** A reader may be done before the thread that brought it the end has told the sender; and what was told may be lost. */
    @Test
    void whoeverAsksIsToldHowFarAFinishedStreamCame() throws Exception {
        List<DataReply> told = new ArrayList<>();
        StreamObserver<DataReply> sender = new StreamObserver<>() {
            @Override
            public void onNext(DataReply reply) {
                told.add(reply);
            }

            @Override
            public void onError(Throwable reason) {}

            @Override
            public void onCompleted() {}
        };
        Chunk end = new ChunkSeal(MIGRATION).seal(new ChunkData("a", 0, ByteString.EMPTY, true), 0);
        incoming.connect(sender).onNext(DataRequest.newBuilder().setChunk(end).build());
        assertThat(incoming.stream("a").read()).isEqualTo(-1);
        incoming.finish("a");
        told.clear();

        StreamObserver<DataRequest> again = incoming.connect(sender);
        assertThat(told)
                .singleElement()
                .extracting(DataReply::getStream, DataReply::getReceived)
                .containsExactly("a", 1L);

        again.onNext(DataRequest.newBuilder().setChunk(end).build());
        assertThat(told).hasSize(2).last().extracting(DataReply::getReceived).isEqualTo(1L);
    }

    @Test
    void theSenderWaitsForAReaderThatDoesNotReadAndStaysInItsWindow() throws Exception {
        try (DataLinks links = links(2, ChunkCompression.NONE, Bandwidth.UNLIMITED)) {
            ChunkSender sender = links.stream("a");
            CompletableFuture<byte[]> sent = CompletableFuture.supplyAsync(() -> {
                try {
                    return send(sender, 64 * MEBIBYTE);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            while (incoming.stream("a").received() < OutgoingStreams.WINDOW) {
                Thread.sleep(5);
            }
            assertThat(incoming.stream("a").received()).isEqualTo(OutgoingStreams.WINDOW);
            assertThat(sender.written()).isLessThanOrEqualTo(OutgoingStreams.WINDOW + MEBIBYTE);
            assertThat(readAll("a", 0).get()).isEqualTo(sent.get());
        }
    }

    @Test
    void aSenderOfAForeignMigrationIsRefused() {
        Attempt foreign =
                ATTEMPT.toBuilder().setMigration(MigrationId.random().hex()).build();
        try (DataLinks links = started(DataLinks.over(
                List.of(stub()), foreign, ChunkCompression.NONE, Bandwidth.UNLIMITED, Duration.ofSeconds(5)))) {
            assertThatThrownBy(() -> send(links.stream("a"), MEBIBYTE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another's migration");
        }
    }

    @Test
    void aConnectionThatCannotBeOpenedFailsTheSender() throws Exception {
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        try (DataLinks links = started(DataLinks.over(
                List.of(stub()), ATTEMPT, ChunkCompression.NONE, Bandwidth.UNLIMITED, Duration.ofMillis(300)))) {
            assertThatThrownBy(() -> send(links.stream("a"), MEBIBYTE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("lost");
        }
    }

    @Test
    void aReceiverThatGivesUpFailsItsReader() throws Exception {
        InputStream reader = incoming.stream("a");
        incoming.fail(new IOException("cancelled by the source"));
        assertThatThrownBy(() -> reader.read(new byte[1])).hasMessageContaining("cancelled by the source");
        assertThatThrownBy(() -> incoming.stream("b")).hasMessageContaining("cancelled by the source");
    }

    private DataLinks links(int count, ChunkCompression compression, Bandwidth bandwidth) {
        List<MigrationStub> stubs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stubs.add(stub());
        }
        return started(DataLinks.over(stubs, ATTEMPT, compression, bandwidth, Duration.ofSeconds(10)));
    }

    private static DataLinks started(DataLinks links) {
        links.start();
        return links;
    }

    private MigrationStub stub() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", proxy.port())
                .usePlaintext()
                .build();
        channels.add(channel);
        return MigrationGrpc.newStub(channel);
    }

    /** Sends so many bytes, a third of them random, and returns their digest. */
    private static byte[] send(ChunkSender sender, long length) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Random random = new Random(7);
        byte[] piece = new byte[100_000];
        try (OutputStream out = new DigestOutputStream(sender, digest)) {
            for (long done = 0; done < length; done += piece.length) {
                if (done % 3 == 0) {
                    random.nextBytes(piece);
                }
                out.write(piece, 0, (int) Math.min(piece.length, length - done));
            }
        }
        return digest.digest();
    }

    private CompletableFuture<byte[]> readAll(String stream, long pauseMillis) throws IOException {
        InputStream in = incoming.stream(stream);
        return CompletableFuture.supplyAsync(() -> {
            try (DigestInputStream digesting = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
                byte[] buffer = new byte[77_777];
                while (digesting.read(buffer) >= 0) {
                    Thread.sleep(pauseMillis);
                }
                incoming.finish(stream);
                return digesting.getMessageDigest().digest();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
