package dev.ctr.lifecycle;

import java.time.OffsetDateTime;

/** One line, or one part of a line too long for conmon's buffer, of a container's log. */
public final class LogLine {
    private final OffsetDateTime time;
    private final String stream;
    private final boolean partial;
    private final byte[] content;

    LogLine(OffsetDateTime time, String stream, boolean partial, byte[] content) {
        this.time = time;
        this.stream = stream;
        this.partial = partial;
        this.content = content;
    }

    /** When conmon received it. */
    public OffsetDateTime time() {
        return time;
    }

    /** {@code stdout} or {@code stderr}. */
    public String stream() {
        return stream;
    }

    /** Whether the line goes on in the next record; then no line end follows it. */
    public boolean partial() {
        return partial;
    }

    /** The bytes that the program wrote, without the line end. */
    public byte[] content() {
        return content.clone();
    }
}
