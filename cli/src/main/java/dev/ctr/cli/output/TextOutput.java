package dev.ctr.cli.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes results as UTF-8, whatever the locale, with line ends of one character. Unlike a PrintStream it does not hide
 * that nobody reads any more. Not for concurrent use.
 */
public final class TextOutput {
    private final OutputStream stream;

    /** Says that the reader at the other end has gone. */
    public static final class Closed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Closed(IOException cause) {
            super("standard output is closed: " + cause.getMessage(), cause);
        }
    }

    public TextOutput(OutputStream stream) {
        this.stream = new BufferedOutputStream(stream);
    }

    /** Writes a text as it is. */
    public TextOutput text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a text and a line end. */
    public TextOutput line(String text) {
        return text(text + "\n");
    }

    /** Writes bytes as they are. */
    public TextOutput bytes(byte[] bytes) {
        try {
            stream.write(bytes);
            return this;
        } catch (IOException e) {
            throw new Closed(e);
        }
    }

    /** Hands everything on. */
    public void flush() {
        try {
            stream.flush();
        } catch (IOException e) {
            throw new Closed(e);
        }
    }
}
