package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.value.Variables;
import dev.ctr.lifecycle.CreateOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the program of a container that is to be created is, and its surroundings. */
final class ProcessFlags {
    private static final Set<String> SYSTEMD = Set.of("true", "false", "always");

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description =
                    "Set an environment variable; without a value take it from here; NAME* takes all that begin so")
    private List<String> variables = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Set the environment variables that a file lists")
    private List<String> variableFiles = new ArrayList<>();

    @Option(names = "--env-host", description = "Set all environment variables of this process")
    private boolean hostVariables;

    @Option(
            names = "--http-proxy",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Set the variables that name proxies here (default: true)")
    private boolean proxyVariables = true;

    @Option(names = "--unsetenv", paramLabel = "NAME", description = "Unset a variable of the image or the defaults")
    private List<String> unsetVariables = new ArrayList<>();

    @Option(names = "--unsetenv-all", description = "Unset all variables of the image and the defaults")
    private boolean unsetAllVariables;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Run as this user, by name or number")
    private @Nullable String user;

    @Option(names = "--group-add", paramLabel = "GROUP", split = ",", description = "Add a group, by name or number")
    private List<String> groups = new ArrayList<>();

    @Option(
            names = "--passwd",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Add a user without one to /etc/passwd (default: true)")
    private boolean passwordEntry = true;

    @Option(names = "--passwd-entry", paramLabel = "LINE", description = "What to add to /etc/passwd")
    private @Nullable String passwordLine;

    @Option(names = "--umask", paramLabel = "MASK", description = "The file mode creation mask (default: 0022)")
    private @Nullable String umask;

    @Option(names = "--tz", paramLabel = "ZONE", description = "The time zone, or local for the host's")
    private @Nullable String timezone;

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "The working directory inside the container")
    private @Nullable String workingDirectory;

    @Option(
            names = "--entrypoint",
            paramLabel = "PROGRAM",
            description = "Replace the image's entry point: a program, a JSON array, or empty for none")
    private @Nullable String entrypoint;

    @Option(names = "--init", description = "Run a small init process that passes signals on and reaps orphans")
    private boolean init;

    @Option(names = "--init-path", paramLabel = "FILE", description = "The program on the host to use for that")
    private @Nullable Path initProgram;

    @Option(
            names = "--systemd",
            paramLabel = "true|false|always",
            description = "Accepted as podman does; ctr sets nothing up for systemd as the program")
    private @Nullable String systemd;

    void addTo(CreateOptions options, Invocation ctr) {
        environment(ctr.environment()).forEach(options::environment);
        unsetVariables.forEach(options.process()::unsetVariable);
        options.process().unsetAllVariables(unsetAllVariables).init(init).passwordEntry(passwordEntry);
        groups.forEach(options.process()::group);
        CreateFlags.set(user, options::user);
        CreateFlags.set(passwordLine, options.process()::passwordLine);
        CreateFlags.set(umask, options.process()::umask);
        CreateFlags.set(timezone, options.process()::timezone);
        CreateFlags.set(workingDirectory, options::workingDirectory);
        CreateFlags.set(entrypoint, value -> options.entrypoint(CommandWords.parse(value)));
        CreateFlags.set(initProgram, options.process()::initProgram);
        if (systemd != null && !SYSTEMD.contains(systemd)) {
            throw new Failure("--systemd values must be one of \"true, false, always\"");
        }
        if ("always".equals(systemd)) {
            ctr.warn("ctr sets nothing up for systemd: mount tmpfs at /run and /tmp yourself");
        }
    }

    private Map<String, String> environment(Map<String, String> host) {
        Map<String, String> environment = new LinkedHashMap<>();
        if (proxyVariables) {
            environment.putAll(Variables.proxies(host));
        }
        if (hostVariables) {
            environment.putAll(host);
        }
        environment.putAll(Variables.of(variableFiles, variables, host));
        return environment;
    }
}
