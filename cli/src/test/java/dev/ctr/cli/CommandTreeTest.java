package dev.ctr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.cli.invocation.Invocation;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CommandTreeTest {

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItself(CommandSpec command) {
        assertThat(command.usageMessage().description())
                .as("description of %s", command.qualifiedName())
                .hasSize(1);
        assertThat(command.options())
                .allSatisfy(option -> assertThat(option.description())
                        .as(option.longestName())
                        .isNotEmpty());
        if (command.subcommands().isEmpty()) {
            assertThat(command.usageMessage().footer()).contains("Examples:");
            assertThat(String.join("\n", command.usageMessage().footer())).contains("ctr ");
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpIsPrintedToStandardOutput(CommandSpec command) {
        List<String> words = new ArrayList<>(List.of(command.qualifiedName().split(" ")));
        words.remove(0);
        words.add("--help");

        CommandRun run = CommandRun.of(words.toArray(String[]::new));

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("Usage: " + command.qualifiedName())
                .contains(command.usageMessage().description()[0]);
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(110));
    }

    @Test
    void theExamplesInHelpAreAccepted() {
        assertThat(commands().flatMap(CommandTreeTest::examples)).isNotEmpty().allSatisfy(example -> {
            String[] words = example.substring("ctr ".length())
                    .replaceAll("'[^']*'", "TEMPLATE")
                    .split("\\s+");
            CommandLine parser = CommandTree.forRunning(invocation(words));
            assertThat(parser.parseArgs(words).errors()).as(example).isEmpty();
        });
    }

    @Test
    void helpNamesEveryCommand() {
        String help = CommandRun.of("help").out();

        assertThat(help)
                .contains(
                        "create",
                        "run",
                        "init",
                        "start",
                        "stop",
                        "kill",
                        "pause",
                        "unpause",
                        "rm",
                        "ps",
                        "inspect",
                        "logs",
                        "wait",
                        "exec",
                        "rename",
                        "cleanup",
                        "checkpoint",
                        "restore",
                        "version",
                        "check",
                        "images",
                        "import",
                        "load",
                        "save",
                        "rmi",
                        "container",
                        "image",
                        "volume",
                        "completion")
                .isEqualTo(CommandRun.of("--help").out());
        assertThat(CommandRun.of("help", "volume", "create").out()).startsWith("Usage: ctr volume create");
    }

    @Test
    void completionCoversCommandsAndOptions() {
        CommandRun run = CommandRun.of("completion", "bash");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("complete -F _complete_ctr", "'--leave-running'", "checkpoint", "container");
    }

    @Test
    void versionTellsOfCtrAndJava() {
        assertThat(CommandRun.of("version").out())
                .contains(
                        "Client:       ctr\n",
                        "Java Version: " + Runtime.version().feature());
        assertThat(CommandRun.of("version", "--format", "{{.Client.Os}}").out()).isEqualTo("linux\n");
        assertThat(CommandRun.of("--version").out()).startsWith("ctr version ");
    }

    private static Stream<CommandSpec> commands() {
        return withSubcommands(CommandTree.complete(invocation())).map(CommandLine::getCommandSpec);
    }

    private static Stream<CommandLine> withSubcommands(CommandLine command) {
        return Stream.concat(
                Stream.of(command),
                command.getSubcommands().values().stream().distinct().flatMap(CommandTreeTest::withSubcommands));
    }

    private static Stream<String> examples(CommandSpec command) {
        return Stream.of(command.usageMessage().footer())
                .map(String::strip)
                .filter(line -> line.startsWith("ctr "))
                .map(line -> line.split(" [|>&]", 2)[0]);
    }

    private static Invocation invocation(String... words) {
        return new Invocation(
                List.of(words),
                Map.of(),
                List.of(),
                new Invocation.Streams(
                        InputStream.nullInputStream(),
                        OutputStream.nullOutputStream(),
                        OutputStream.nullOutputStream()));
    }
}
