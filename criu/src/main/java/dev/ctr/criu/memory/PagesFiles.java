package dev.ctr.criu.memory;

import dev.ctr.criu.image.CriuImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reads the raw images that hold pages. */
final class PagesFiles {
    private PagesFiles() {}

    /** Fills a buffer from where the channel is. */
    static void readFully(FileChannel pages, ByteBuffer into) throws IOException {
        long at = pages.position();
        readFully(pages, at, into);
        pages.position(at + into.position());
    }

    /** Fills what remains of a buffer from a position, without moving the channel's. */
    static void readFully(FileChannel pages, long position, ByteBuffer into) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int count = pages.read(into, at);
            if (count < 0) {
                throw new CriuImageException(
                        "a pages file is cut off: its page map has a page at byte " + at + ", where it has ended");
            }
            at += count;
        }
    }
}
