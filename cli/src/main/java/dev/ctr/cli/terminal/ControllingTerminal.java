package dev.ctr.cli.terminal;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.RawMode;
import dev.ctr.criu.linux.Terminal;
import dev.ctr.criu.linux.TerminalSize;
import dev.ctr.lifecycle.AttachStreams.SizeListener;
import dev.ctr.lifecycle.AttachStreams.TerminalSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The terminal that the user sits at, behind standard input. */
final class ControllingTerminal implements TerminalSource {
    private static final int STANDARD_INPUT = 0;
    private static final Logger LOG = LoggerFactory.getLogger(ControllingTerminal.class);

    /** Whether there is one. */
    static boolean exists() {
        return Terminal.isTerminal(STANDARD_INPUT);
    }

    /** Undoes {@link #raw}; may be closed more than once. */
    interface Mode extends AutoCloseable {
        @Override
        void close();
    }

    /** Hands every key through until the result is closed or the JVM ends. */
    Mode raw() {
        try {
            RawMode mode = Terminal.raw(STANDARD_INPUT);
            Mode undo = () -> restore(mode);
            Runtime.getRuntime().addShutdownHook(new Thread(undo::close, "terminal-mode"));
            return undo;
        } catch (LinuxException e) {
            throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
        }
    }

    private static void restore(RawMode mode) {
        try {
            mode.close();
        } catch (LinuxException e) {
            throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public AutoCloseable watch(SizeListener listener) {
        ProcessSignals.Registration registration = ProcessSignals.on("WINCH", () -> tell(listener));
        tell(listener);
        return registration;
    }

    /** Tells sizes in the order in which they were read. A terminal that just went away has none. */
    private static synchronized void tell(SizeListener listener) {
        try {
            TerminalSize size = Terminal.size(STANDARD_INPUT);
            listener.resized(size.rows(), size.columns());
        } catch (LinuxException e) {
            LOG.debug("the terminal does not tell its size", e);
        }
    }
}
