package dev.ctr.criu;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.ctr.proto.criu.DumpStats;
import dev.ctr.proto.criu.RestoreStats;
import dev.ctr.proto.criu.StatsEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads {@code stats-dump} and {@code stats-restore}, which CRIU leaves in its work directory. The files are CRIU service
 * images: two magic numbers of 32 bits, then one record, its length (32 bits) before it, all little endian (CRIU,
 * criu/include/magic.h and criu/stats.c).
 */
public final class CriuStatistics {
    public static final String DUMP_FILE = "stats-dump";
    public static final String RESTORE_FILE = "stats-restore";

    private static final int SERVICE_MAGIC = 0x55105940;
    private static final int STATS_MAGIC = 0x57093306;
    private static final int HEADER_SIZE = 12;

    /** The record is some 50 bytes; a file from elsewhere may claim anything. */
    private static final int LARGEST = 64 * 1024;

    private CriuStatistics() {}

    /**
     * Reads the statistics of a dump.
     *
     * @throws IOException if the file is missing or is no such file
     */
    public static DumpStatistics readDump(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return readDump(in, file.toString());
        }
    }

    /**
     * Reads the statistics of a dump from a stream.
     *
     * @param source what is read, as an error names it
     * @throws IOException if it holds something else
     */
    public static DumpStatistics readDump(InputStream in, String source) throws IOException {
        StatsEntry entry = read(in, source);
        if (!entry.hasDump()) {
            throw new IOException(source + " holds no statistics of a dump");
        }
        DumpStats dump = entry.getDump();
        return new DumpStatistics(
                Integer.toUnsignedLong(dump.getFreezingTime()),
                Integer.toUnsignedLong(dump.getFrozenTime()),
                Integer.toUnsignedLong(dump.getMemdumpTime()),
                Integer.toUnsignedLong(dump.getMemwriteTime()),
                dump.getPagesScanned(),
                dump.getPagesSkippedParent(),
                dump.getPagesWritten(),
                dump.getPagesLazy());
    }

    /**
     * Reads the statistics of a restore.
     *
     * @throws IOException if the file is missing or is no such file
     */
    public static RestoreStatistics readRestore(Path file) throws IOException {
        StatsEntry entry;
        try (InputStream in = Files.newInputStream(file)) {
            entry = read(in, file.toString());
        }
        if (!entry.hasRestore()) {
            throw new IOException(file + " holds no statistics of a restore");
        }
        RestoreStats restore = entry.getRestore();
        return new RestoreStatistics(
                Integer.toUnsignedLong(restore.getForkingTime()),
                Integer.toUnsignedLong(restore.getRestoreTime()),
                restore.getPagesCompared(),
                restore.getPagesSkippedCow(),
                restore.getPagesRestored());
    }

    private static StatsEntry read(InputStream in, String source) throws IOException {
        byte[] bytes = in.readNBytes(LARGEST + 1);
        if (bytes.length < HEADER_SIZE || bytes.length > LARGEST) {
            throw new IOException(source + " is no statistics file of CRIU: it has " + bytes.length + " bytes");
        }
        ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (content.getInt() != SERVICE_MAGIC || content.getInt() != STATS_MAGIC) {
            throw new IOException(source + " is no statistics file of CRIU: its magic numbers are others");
        }
        int length = content.getInt();
        if (length < 0 || length > content.remaining()) {
            throw new IOException(source + " is cut off: its record should have " + Integer.toUnsignedString(length)
                    + " bytes, " + content.remaining() + " are there");
        }
        try {
            return StatsEntry.parseFrom(content.limit(content.position() + length));
        } catch (InvalidProtocolBufferException e) {
            throw new IOException(source + " is damaged: " + e.getMessage(), e);
        }
    }
}
