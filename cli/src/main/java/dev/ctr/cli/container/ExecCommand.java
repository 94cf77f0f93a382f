package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.terminal.Attachment;
import dev.ctr.cli.value.Variables;
import dev.ctr.criu.linux.InheritedDescriptors;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ExecOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr exec}: runs a further program in a running container. */
@Command(
        name = "exec",
        description = "Run a further program in a running container",
        footer = {
            "",
            "Examples:",
            "  ctr exec -it web sh",
            "  ctr exec -e DEBUG=1 -w /srv web ls -l",
            "  ctr exec -d web nginx -s reload"
        })
public final class ExecCommand extends Verb {
    @Option(
            names = {"-d", "--detach"},
            description = "Leave the program to itself and print the session's ID")
    private boolean detach;

    @Option(
            names = {"-i", "--interactive"},
            description = "Connect standard input")
    private boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the program a terminal")
    private boolean terminal;

    @Mixin
    private DetachKeysFlag detachKeys = new DetachKeysFlag();

    @Option(
            names = "--preserve-fds",
            paramLabel = "N",
            description = "Pass on N of this process's descriptors, from 3 on")
    private int preservedDescriptors;

    @Option(names = "--privileged", description = "Give it every capability")
    private boolean privileged;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set an environment variable; without a value take it from here")
    private List<String> variables = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Set the environment variables that a file lists")
    private List<String> variableFiles = new ArrayList<>();

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Run as this user, by name or number")
    private @Nullable String user;

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "The working directory inside the container")
    private @Nullable String workingDirectory;

    @Option(
            names = {"-l", "--latest"},
            description = "In the container that was created last")
    private boolean latest;

    @Parameters(
            paramLabel = "CONTAINER COMMAND [ARG...]",
            hideParamSyntax = true,
            description = "The container, then the program and its arguments")
    private List<String> arguments = new ArrayList<>();

    public ExecCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.isEmpty() && !latest) {
            throw new Failure("exec requires the name or ID of a container or the --latest flag");
        }
        List<String> command = latest ? arguments : arguments.subList(1, arguments.size());
        if (command.isEmpty()) {
            throw new Failure("must provide a non-empty command to start an exec session");
        }
        Container container =
                latest ? Target.latest(ctr.engine()).container() : ctr.engine().container(arguments.get(0));
        ExecOptions options = options(command);
        if (preservedDescriptors == 0) {
            return run(container, options);
        }
        try (InheritedDescriptors inherited = InheritedDescriptors.first(preservedDescriptors)) {
            return run(container, options.passDescriptors(inherited.descriptors()));
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
        }
    }

    private int run(Container container, ExecOptions options) {
        if (detach) {
            ctr.output().line(container.execDetached(options));
            return ExitCode.OK;
        }
        return Attachment.of(ctr)
                .terminal(terminal)
                .input(interactive)
                .detachKeys(detachKeys.keys())
                .run(streams -> container.exec(options, streams));
    }

    private ExecOptions options(List<String> command) {
        ExecOptions options = new ExecOptions(command)
                .terminal(terminal)
                .interactive(interactive)
                .privileged(privileged)
                .detachKeys(detachKeys.keys());
        Variables.of(variableFiles, variables, ctr.environment()).forEach(options::environment);
        if (user != null) {
            options.user(user);
        }
        if (workingDirectory != null) {
            options.workingDirectory(workingDirectory);
        }
        return options;
    }
}
