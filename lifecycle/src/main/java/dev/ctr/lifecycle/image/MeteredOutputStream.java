package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Counts and hashes what is written through it, and ends the writing at a limit. */
final class MeteredOutputStream extends FilterOutputStream {
    private final Meter meter;

    /**
     * @param what names the content in the error
     * @param limit the most bytes to let through
     */
    MeteredOutputStream(OutputStream out, String what, long limit) {
        super(out);
        this.meter = new Meter(what, limit);
    }

    long count() {
        return meter.count();
    }

    /** The digest of everything. To be called once. */
    Digest digest() {
        return meter.digest();
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (!meter.hasRoomFor(length)) {
            throw new EngineException(
                    EngineException.Code.IO, meter.tooLarge() + ": remove images that are not needed any more");
        }
        out.write(bytes, offset, length);
        meter.pass(bytes, offset, length);
    }
}
