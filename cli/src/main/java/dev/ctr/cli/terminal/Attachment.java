package dev.ctr.cli.terminal;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.DetachKeys;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects a container's or exec session's streams to those of this process while something runs: bytes go through
 * unchanged, a terminal is in raw mode and its size is passed on, signals are passed on. A mutable builder.
 */
public final class Attachment {
    /** Passes no signals on. */
    public static final IntConsumer NO_SIGNALS = signal -> {};

    /** What podman passes on, without those that the JVM keeps for itself. */
    private static final List<String> PASSED_SIGNALS = List.of("HUP", "INT", "TERM", "USR1", "USR2", "ALRM");

    private static final Logger LOG = LoggerFactory.getLogger(Attachment.class);

    private final Invocation ctr;
    private boolean terminal;
    private boolean input;
    private boolean output = true;
    private boolean errors = true;
    private IntConsumer signals = NO_SIGNALS;
    private DetachKeys detachKeys = DetachKeys.DEFAULT;

    private Attachment(Invocation ctr) {
        this.ctr = ctr;
    }

    /** Connects output and errors unless told otherwise. */
    public static Attachment of(Invocation ctr) {
        return new Attachment(ctr);
    }

    /** Whether what is attached to has a terminal of its own. */
    public Attachment terminal(boolean value) {
        terminal = value;
        return this;
    }

    public Attachment input(boolean value) {
        input = value;
        return this;
    }

    public Attachment output(boolean value) {
        output = value;
        return this;
    }

    public Attachment errors(boolean value) {
        errors = value;
        return this;
    }

    /** What ends the attachment when it is typed at a terminal. */
    public Attachment detachKeys(DetachKeys value) {
        detachKeys = value;
        return this;
    }

    /** Where signals to this process go, by number, unless raw mode makes keys of them. */
    public Attachment passSignalsTo(IntConsumer value) {
        signals = value;
        return this;
    }

    /**
     * Runs with the streams connected.
     *
     * @param attached gets the streams and returns when what it runs has ended, with the exit code
     * @return the exit code, or 0 after the detach keys
     */
    public int run(ToIntFunction<AttachStreams> attached) {
        ctr.output().flush();
        if (terminal && input && !ControllingTerminal.exists()) {
            ctr.warn("The input device is not a TTY. The --tty and --interactive flags might not work properly");
        }
        try {
            return runConnected(attached);
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.DETACHED) {
                return ExitCode.OK;
            }
            throw e;
        }
    }

    private int runConnected(ToIntFunction<AttachStreams> attached) {
        AttachStreams streams = streams();
        if (terminal && ControllingTerminal.exists()) {
            return runAtTerminal(attached, streams, new ControllingTerminal());
        }
        return runWithSignals(attached, streams);
    }

    private int runAtTerminal(
            ToIntFunction<AttachStreams> attached, AttachStreams streams, ControllingTerminal controlling) {
        streams.terminal(controlling);
        if (!input) {
            return runWithSignals(attached, streams);
        }
        ControllingTerminal.Mode raw = controlling.raw();
        try {
            return attached.applyAsInt(streams);
        } finally {
            raw.close();
        }
    }

    private int runWithSignals(ToIntFunction<AttachStreams> attached, AttachStreams streams) {
        List<ProcessSignals.Registration> registrations = new ArrayList<>();
        if (signals != NO_SIGNALS) {
            PASSED_SIGNALS.forEach(name -> registrations.add(ProcessSignals.on(name, () -> pass(Signal.parse(name)))));
        }
        try {
            return attached.applyAsInt(streams);
        } finally {
            registrations.forEach(ProcessSignals.Registration::close);
        }
    }

    /** The container may have ended, or not yet begun, when the signal comes. */
    private void pass(int signal) {
        try {
            signals.accept(signal);
        } catch (EngineException e) {
            LOG.info("signal {} was not passed on: {}", signal, e.getMessage());
        }
    }

    private AttachStreams streams() {
        AttachStreams streams = new AttachStreams().detachKeys(detachKeys);
        if (input) {
            streams.input(ctr.streams().in());
        }
        if (output) {
            streams.output(ctr.streams().out());
        }
        if (errors) {
            streams.errors(ctr.streams().err());
        }
        return streams;
    }
}
