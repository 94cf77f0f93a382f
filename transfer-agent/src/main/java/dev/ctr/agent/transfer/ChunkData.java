package dev.ctr.agent.transfer;

import com.google.protobuf.ByteString;

/**
 * A piece of a byte stream.
 *
 * @param stream the stream's name
 * @param position of the first byte in the stream
 * @param data at most {@link #LARGEST} bytes, uncompressed
 * @param last whether nothing follows
 */
record ChunkData(String stream, long position, ByteString data, boolean last) {
    /** How much a chunk holds at most, in bytes. */
    static final int LARGEST = 1 << 20;

    /** The position behind it; the end of the stream counts as one byte, so that its arrival can be told. */
    long end() {
        return position + data.size() + (last ? 1 : 0);
    }
}
