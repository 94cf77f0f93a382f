package dev.ctr.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.ctr.proto.migration.Chunk;
import java.io.IOException;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkSealTest {
    private final MigrationId migration = MigrationId.random();
    private final ChunkSeal seal = new ChunkSeal(migration);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -5})
    void aChunkComesOutAsItWentIn(int level) throws Exception {
        ChunkData chunk = chunk(0, 300_000);
        Chunk message = seal.seal(chunk, level);
        assertThat(seal.open(message)).isEqualTo(chunk);
        assertThat(message.getCompression()).isEqualTo(level == 0 ? Chunk.Compression.NONE : Chunk.Compression.ZSTD);
    }

    @Test
    void whatDoesNotGetSmallerIsNotCompressed() throws Exception {
        byte[] noise = new byte[100_000];
        new Random(3).nextBytes(noise);
        ChunkData chunk = new ChunkData("final", 0, ByteString.copyFrom(noise), true);
        assertThat(seal.seal(chunk, 1).getCompression()).isEqualTo(Chunk.Compression.NONE);
    }

    @Test
    void aChunkOfAnotherMigrationPlaceOrContentIsRefused() {
        refused(Chunk.Builder::build, new ChunkSeal(MigrationId.random()));
        refused(message -> message.setPosition(ChunkData.LARGEST).build(), seal);
        refused(message -> message.setStream("image").build(), seal);
        refused(message -> message.setLast(true).build(), seal);
        refused(message -> message.setData(ByteString.copyFrom(new byte[1000])).build(), seal);
    }

    private void refused(Function<Chunk.Builder, Chunk> change, ChunkSeal by) {
        Chunk changed = change.apply(seal.seal(chunk(0, 1000), 0).toBuilder());
        assertThatThrownBy(() -> by.open(changed)).isInstanceOf(IOException.class);
    }

    @Test
    void aChunkThatClaimsToBeHugeIsRefusedUnread() {
        Chunk message = seal.seal(chunk(0, 1000), 1);
        assertThatThrownBy(
                        () -> seal.open(message.toBuilder().setLength(1 << 30).build()))
                .hasMessageContaining("larger");
        assertThatThrownBy(() -> seal.open(message.toBuilder().setLength(-1).build()))
                .hasMessageContaining("larger");
        assertThatThrownBy(() -> seal.open(message.toBuilder().setLength(10).build()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aReceiverTakesChunksInAnyOrderAndOftenAndRefusesOthers() throws Exception {
        ChunkReceiver receiver = new ChunkReceiver("final", () -> {});
        ChunkData first = chunk(0, ChunkData.LARGEST);
        ChunkData second = new ChunkData("final", ChunkData.LARGEST, ByteString.copyFrom(new byte[5]), true);
        receiver.accept(second);
        receiver.accept(second);
        receiver.accept(first);
        receiver.accept(first);
        assertThat(receiver.readAllBytes()).hasSize(ChunkData.LARGEST + 5);

        refuses(new ChunkData("final", OutgoingStreams.WINDOW * 2, ByteString.EMPTY, true));
        refuses(chunk(17, ChunkData.LARGEST));
        refuses(chunk(0, 5));
        refuses(new ChunkData("final", 0, ByteString.EMPTY, false));
    }

    private static void refuses(ChunkData chunk) {
        assertThatThrownBy(() -> new ChunkReceiver("final", () -> {}).accept(chunk))
                .isInstanceOf(IOException.class);
    }

    private static ChunkData chunk(long position, int length) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i / 64);
        }
        return new ChunkData("final", position, ByteString.copyFrom(content), false);
    }
}
