package dev.ctr.cli;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.output.TextOutput;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;

/** The {@code ctr} program. */
public final class Main {
    /** Set by the launcher to its own path, so that conmon can call {@code ctr} back. */
    private static final String LAUNCHER_PROPERTY = "ctr.launcher";

    private Main() {}

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        HeadStart.begin(List.of(arguments));
        String launcher = System.getProperty(LAUNCHER_PROPERTY, "");
        System.exit(run(new Invocation(
                List.of(arguments),
                System.getenv(),
                launcher.isEmpty() ? List.of() : List.of(launcher),
                new Invocation.Streams(
                        new FileInputStream(FileDescriptor.in),
                        new FileOutputStream(FileDescriptor.out),
                        new FileOutputStream(FileDescriptor.err)))));
    }

    /** Runs a command, reports what goes wrong with it, and returns the exit code. */
    static int run(Invocation ctr) {
        try {
            int exitCode = execute(ctr);
            ctr.output().flush();
            return exitCode;
        } catch (TextOutput.Closed e) {
            return ExitCode.CTR;
        } catch (RuntimeException | Error e) {
            ctr.report(e);
            return ExitCode.CTR;
        }
    }

    private static int execute(Invocation ctr) {
        CommandLine parser = CommandTree.forRunning(ctr);
        parser.setOut(new PrintWriter(new OutputStreamWriter(ctr.streams().out(), StandardCharsets.UTF_8), true));
        parser.setExecutionStrategy(parsed -> {
            configureLogging(ctr, parser);
            return new CommandLine.RunLast().execute(parsed);
        });
        parser.setParameterExceptionHandler((error, arguments) -> {
            ctr.note("Error: " + ParameterError.sentence(error, List.of(arguments)));
            return ExitCode.CTR;
        });
        parser.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof TextOutput.Closed closed) {
                throw closed;
            }
            ctr.report(failure);
            return ExitCode.of(failure);
        });
        return parser.execute(ctr.arguments().toArray(String[]::new));
    }

    /** What is wrong with the settings is handed to picocli as it wants it: anything else it prints with its stack. */
    private static void configureLogging(Invocation ctr, CommandLine parser) {
        try {
            Logging.configure(ctr.settings().logLevel());
        } catch (Failure e) {
            throw new ExecutionException(parser, "the settings cannot be used", e);
        }
    }
}
