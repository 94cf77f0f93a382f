package dev.ctr.cli.invocation;

import dev.ctr.agent.AgentException;
import dev.ctr.cli.output.Printable;
import dev.ctr.cli.output.TextOutput;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@code ctr}: what it was called with, its streams, its settings and, once it is asked for, the engine. Used
 * by one thread.
 */
public final class Invocation {
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final List<String> launcher;
    private final Streams streams;
    private final TextOutput output;
    private final TextOutput errors;
    private final GlobalFlags globalFlags = new GlobalFlags();
    private @Nullable Settings settings;
    private @Nullable Engine engine;

    /**
     * The standard streams, binary and unbuffered.
     *
     * @param in what is read
     * @param out where results go
     * @param err where everything else goes
     */
    public record Streams(InputStream in, OutputStream out, OutputStream err) {}

    /**
     * Begins a run.
     *
     * @param arguments the command line without the program's name
     * @param environment the environment variables
     * @param launcher the program's own command line, for conmon to call back; empty when it is not known
     */
    public Invocation(List<String> arguments, Map<String, String> environment, List<String> launcher, Streams streams) {
        this.arguments = List.copyOf(arguments);
        this.environment = Map.copyOf(environment);
        this.launcher = List.copyOf(launcher);
        this.streams = streams;
        this.output = new TextOutput(streams.out());
        this.errors = new TextOutput(streams.err());
    }

    public List<String> arguments() {
        return arguments;
    }

    public Map<String, String> environment() {
        return environment;
    }

    public Streams streams() {
        return streams;
    }

    /** Where results go; flushed when the command ends. */
    public TextOutput output() {
        return output;
    }

    /** The options before the command, which the parser fills in. */
    public GlobalFlags globalFlags() {
        return globalFlags;
    }

    /**
     * The settings.
     *
     * @throws Failure if they make no sense
     */
    public Settings settings() {
        if (settings == null) {
            settings = Settings.resolve(globalFlags, environment);
        }
        return settings;
    }

    public Engine engine() {
        if (engine == null) {
            engine = Engine.open(settings().engineOptions(launcher));
        }
        return engine;
    }

    /** Writes a line to standard error. */
    public void note(String line) {
        errors.line(line).flush();
    }

    /** Tells that something is not as one may expect. */
    public void warn(String sentence) {
        note("Warning: " + oneLine(sentence));
    }

    /** Tells why something failed, on one line, and at log level debug where. */
    public void report(Throwable failure) {
        output.flush();
        note("Error: " + oneLine(sentence(failure)));
        if (settings != null && settings.logLevel() == Settings.LogLevel.DEBUG) {
            StackTrace.lines(failure).forEach(this::note);
        }
    }

    /**
     * Does the same to several things; a failure with one is reported and does not keep the others from their turn.
     *
     * @param exitCode the code for a failure
     * @return the code of the last failure, or 0
     */
    public <T> int each(Collection<T> things, Consumer<T> action, ToIntFunction<Throwable> exitCode) {
        int last = ExitCode.OK;
        for (T thing : things) {
            try {
                action.accept(thing);
            } catch (TextOutput.Closed e) {
                throw e;
            } catch (RuntimeException e) {
                report(e);
                last = exitCode.applyAsInt(e);
            }
        }
        return last;
    }

    /** As {@link #each(Collection, Consumer, ToIntFunction)} with the codes of commands that remove nothing. */
    public <T> int each(Collection<T> things, Consumer<T> action) {
        return each(things, action, ExitCode::of);
    }

    private static String sentence(Throwable failure) {
        String message = failure.getMessage();
        boolean expected = failure instanceof Failure
                || failure instanceof EngineException
                || failure instanceof AgentException
                || failure instanceof IllegalArgumentException;
        if (expected && message != null && !message.isBlank()) {
            return message;
        }
        return "internal error, please report it with the output of --log-level debug: " + failure;
    }

    private static String oneLine(String text) {
        return Printable.of(String.join(
                "; ",
                text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList()));
    }
}
