package dev.ctr.agent.transfer;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.ctr.proto.migration.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Turns chunks of one migration into messages and back. The hash in the message covers the migration, the stream, the position and
 * the content, so a chunk fits nowhere but where it belongs. Safe for concurrent use.
 */
final class ChunkSeal {
    /** Below this part of its size a compressed chunk is worth it. */
    private static final double WORTH_IT = 0.9;

    private final MigrationId migration;

    ChunkSeal(MigrationId migration) {
        this.migration = migration;
    }

    /** @param zstdLevel the level, or 0 for no compression */
    Chunk seal(ChunkData chunk, int zstdLevel) {
        Chunk.Builder message = Chunk.newBuilder()
                .setStream(chunk.stream())
                .setPosition(chunk.position())
                .setLength(chunk.data().size())
                .setLast(chunk.last())
                .setSha256(ByteString.copyFrom(hash(chunk)));
        if (zstdLevel != 0 && !chunk.data().isEmpty()) {
            byte[] compressed = Zstd.compress(chunk.data().toByteArray(), zstdLevel);
            if (compressed.length < chunk.data().size() * WORTH_IT) {
                return message.setCompression(Chunk.Compression.ZSTD)
                        .setData(UnsafeByteOperations.unsafeWrap(compressed))
                        .build();
            }
        }
        return message.setCompression(Chunk.Compression.NONE)
                .setData(chunk.data())
                .build();
    }

    /** @throws IOException if this is no chunk of this migration as its sender made it */
    ChunkData open(Chunk message) throws IOException {
        if (message.getLength() < 0 || message.getLength() > ChunkData.LARGEST || message.getPosition() < 0) {
            throw new IOException("a chunk of " + Integer.toUnsignedString(message.getLength())
                    + " bytes is larger than the protocol allows");
        }
        ChunkData chunk =
                new ChunkData(message.getStream(), message.getPosition(), content(message), message.getLast());
        if (!MessageDigest.isEqual(hash(chunk), message.getSha256().toByteArray())) {
            throw new IOException("a chunk at position " + chunk.position()
                    + " is not as it was sent, or belongs to another migration or another place");
        }
        return chunk;
    }

    private static ByteString content(Chunk message) throws IOException {
        switch (message.getCompression()) {
            case NONE -> {
                if (message.getData().size() != message.getLength()) {
                    throw new IOException("a chunk has another length than it says");
                }
                return message.getData();
            }
            case ZSTD -> {
                try {
                    byte[] content = Zstd.decompress(message.getData().toByteArray(), message.getLength());
                    if (content.length == message.getLength()) {
                        return UnsafeByteOperations.unsafeWrap(content);
                    }
                } catch (ZstdException e) {
                    throw new IOException("a chunk cannot be decompressed: " + e.getMessage(), e);
                }
                throw new IOException("a chunk has another length than it says");
            }
            default -> throw new IOException("a chunk is compressed in a way that is not known here");
        }
    }

    private byte[] hash(ChunkData chunk) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(migration.hex().getBytes(StandardCharsets.US_ASCII));
            sha256.update(chunk.stream().getBytes(StandardCharsets.UTF_8));
            sha256.update(ByteBuffer.allocate(Long.BYTES + 2)
                    .put((byte) 0)
                    .putLong(chunk.position())
                    .put((byte) (chunk.last() ? 1 : 0))
                    .flip());
            chunk.data().asReadOnlyByteBufferList().forEach(sha256::update);
            return sha256.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
