package dev.ctr.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The last bytes of an archive, which tell whether those before them are as they were written: their number and their CRC-32C. The
 * manifest's digests tell that of the content; the seal tells it of what content does not show, such as the headers of compressed
 * frames. A seal has a form that readers who do not know it pass over.
 */
enum Seal {
    /** A skippable frame (RFC 8878, 3.1.2). */
    ZSTD {
        @Override
        ByteBuffer around(ByteBuffer seal, byte[] core) {
            return seal.putInt(SKIPPABLE_FRAME).putInt(core.length).put(core);
        }

        @Override
        int length() {
            return 8 + CORE;
        }
    },
    /** A member without content, with the seal as an extra field (RFC 1952, 2.3.1.1). */
    GZIP {
        @Override
        ByteBuffer around(ByteBuffer seal, byte[] core) {
            seal.put(GZIP_HEADER).putShort((short) (SUBFIELD + core.length));
            seal.put((byte) 'C').put((byte) 'T').putShort((short) core.length).put(core);
            return seal.put(EMPTY_DEFLATED).putLong(0);
        }

        @Override
        int length() {
            return GZIP_HEADER.length + 2 + SUBFIELD + CORE + EMPTY_DEFLATED.length + 8;
        }
    },
    /** A block after the end mark of the tar. */
    PLAIN {
        @Override
        ByteBuffer around(ByteBuffer seal, byte[] core) {
            return seal.put(core);
        }

        @Override
        int length() {
            return TarHeaders.BLOCK;
        }
    };

    /** As the manifest names it. */
    static final String ALGORITHM = "crc32c";

    /** The longest seal. */
    static final int MAX_LENGTH = TarHeaders.BLOCK;

    private static final byte[] MAGIC = "CTRSEAL1".getBytes(StandardCharsets.US_ASCII);
    private static final int CORE = MAGIC.length + 8 + 4;
    private static final int SKIPPABLE_FRAME = 0x184d2a5c;
    private static final int SUBFIELD = 4;
    private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final byte[] EMPTY_DEFLATED = {3, 0};

    /** The seal of what is compressed so. */
    static Seal of(Compression compression) {
        return switch (compression.algorithm()) {
            case ZSTD -> ZSTD;
            case GZIP -> GZIP;
            case NONE -> PLAIN;
        };
    }

    /** The seal of what begins with these bytes. */
    static Seal of(byte[] beginning) {
        if (beginning.length < 4) {
            return PLAIN;
        }
        if (beginning[0] == 0x1f && beginning[1] == (byte) 0x8b) {
            return GZIP;
        }
        int magic = ByteBuffer.wrap(beginning).order(ByteOrder.LITTLE_ENDIAN).getInt();
        boolean zstd = magic == 0xfd2fb528 || (magic & 0xfffffff0) == 0x184d2a50;
        return zstd ? ZSTD : PLAIN;
    }

    abstract int length();

    abstract ByteBuffer around(ByteBuffer seal, byte[] core);

    /**
     * The seal of an archive.
     *
     * @param size how many bytes are before it
     * @param checksum their CRC-32C
     */
    byte[] bytes(long size, long checksum) {
        ByteBuffer core = ByteBuffer.allocate(CORE).order(ByteOrder.LITTLE_ENDIAN);
        core.put(MAGIC).putLong(size).putInt((int) checksum);
        ByteBuffer seal = ByteBuffer.allocate(length()).order(ByteOrder.LITTLE_ENDIAN);
        return around(seal, core.array()).array();
    }

    /** Whether something that may once have been a seal has the magic of one at its place. */
    boolean isSeal(byte[] tail) {
        if (tail.length != length()) {
            return false;
        }
        byte[] example = bytes(0, 0);
        int at = 0;
        while (!Arrays.equals(example, at, at + MAGIC.length, MAGIC, 0, MAGIC.length)) {
            at++;
        }
        return Arrays.equals(tail, at, at + MAGIC.length, MAGIC, 0, MAGIC.length);
    }
}
