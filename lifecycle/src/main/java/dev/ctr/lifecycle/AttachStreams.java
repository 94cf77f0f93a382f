package dev.ctr.lifecycle;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The streams that a container's or an exec session's standard streams are connected to; those not set are not
 * connected. The caller keeps owning and closes them; output is flushed as it arrives. Input is read ahead: what was read
 * when the process ended is lost. A mutable builder.
 */
public final class AttachStreams {
    private @Nullable InputStream input;
    private @Nullable OutputStream output;
    private @Nullable OutputStream errors;
    private @Nullable TerminalSource terminal;
    private DetachKeys detachKeys = DetachKeys.NONE;

    /** Tells the size of the terminal at the other end, now and whenever it changes. */
    public interface TerminalSource {
        /** Calls {@code listener} with the present size at once and after every change until the result is closed. */
        AutoCloseable watch(SizeListener listener);
    }

    /** Takes a terminal's size, in characters. */
    @FunctionalInterface
    public interface SizeListener {
        void resized(int rows, int columns);
    }

    public AttachStreams input(InputStream value) {
        input = value;
        return this;
    }

    public AttachStreams output(OutputStream value) {
        output = value;
        return this;
    }

    public AttachStreams errors(OutputStream value) {
        errors = value;
        return this;
    }

    public AttachStreams terminal(TerminalSource value) {
        terminal = value;
        return this;
    }

    /** The keys that end the attachment when they come in on the input of a process that has a terminal; by default none. */
    public AttachStreams detachKeys(DetachKeys value) {
        detachKeys = value;
        return this;
    }

    public DetachKeys detachKeys() {
        return detachKeys;
    }

    public Optional<InputStream> input() {
        return Optional.ofNullable(input);
    }

    public Optional<OutputStream> output() {
        return Optional.ofNullable(output);
    }

    public Optional<OutputStream> errors() {
        return Optional.ofNullable(errors);
    }

    public Optional<TerminalSource> terminal() {
        return Optional.ofNullable(terminal);
    }
}
