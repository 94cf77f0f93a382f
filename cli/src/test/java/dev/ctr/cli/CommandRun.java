package dev.ctr.cli;

import dev.ctr.cli.invocation.Invocation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One command run inside the test's JVM, and what came of it.
 *
 * @param exitCode its exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
public record CommandRun(int exitCode, String out, String err) {
    private static final Map<String, String> NOWHERE =
            Map.of("CTR_ROOT", "target/nowhere/root", "CTR_RUNROOT", "target/nowhere/run", "CTR_CONFIG", "/dev/null");

    /** Runs it where there is nothing: no configuration and no containers. */
    public static CommandRun of(String... arguments) {
        return in(NOWHERE, List.of(arguments));
    }

    /** Runs it with environment variables. */
    public static CommandRun in(Map<String, String> environment, List<String> arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Main.run(new Invocation(
                arguments,
                environment,
                List.of(),
                new Invocation.Streams(new ByteArrayInputStream(new byte[0]), out, err)));
        return new CommandRun(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs it on roots in a directory of the test's. */
    public static CommandRun at(Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "--root", directory.resolve("root").toString(),
                "--runroot", directory.resolve("run").toString()));
        all.addAll(List.of(arguments));
        return in(Map.of(), all);
    }
}
