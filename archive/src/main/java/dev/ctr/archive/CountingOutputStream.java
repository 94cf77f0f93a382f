package dev.ctr.archive;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.LongConsumer;

/** Counts what passes, and reports the count now and then. Not for concurrent use. */
final class CountingOutputStream extends FilterOutputStream {
    private static final long REPORT_EVERY = 1 << 20;

    private final LongConsumer report;
    private long count;
    private long reported;

    CountingOutputStream(OutputStream out, LongConsumer report) {
        super(out);
        this.report = report;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        advance(1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        advance(length);
    }

    long count() {
        return count;
    }

    private void advance(int length) {
        count += length;
        if (count - reported >= REPORT_EVERY) {
            reported = count;
            report.accept(count);
        }
    }
}
