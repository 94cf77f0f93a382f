package dev.ctr.cli.container;

import dev.ctr.cli.image.PullFlags;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.value.KeyValue;
import dev.ctr.cli.value.VariableFile;
import dev.ctr.lifecycle.CreateOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code create} and {@code run} have in common: what the container is to be. */
final class CreateFlags {
    private static final String OVERLAY_SUFFIX = ":O";
    private static final List<String> RESTART_POLICIES = List.of("no", "on-failure", "always", "unless-stopped");

    @Option(
            names = {"-i", "--interactive"},
            description = "Keep standard input open")
    boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the container a terminal")
    boolean terminal;

    @Option(names = "--rm", description = "Remove the container when it has ended")
    boolean removeOnExit;

    @Option(names = "--name", paramLabel = "NAME", description = "The container's name; by default two random words")
    @Nullable
    String name;

    @Option(names = "--replace", description = "Remove a container of the same name first")
    boolean replace;

    @Option(names = "--rootfs", description = "The first argument is a root file system, DIR or DIR:O, not an image")
    boolean rootfs;

    @Option(
            names = {"-l", "--label"},
            paramLabel = "KEY=VALUE",
            description = "Add a label")
    List<String> labels = new ArrayList<>();

    @Option(names = "--label-file", paramLabel = "FILE", description = "Add the labels that a file lists")
    List<String> labelFiles = new ArrayList<>();

    @Option(
            names = "--annotation",
            paramLabel = "KEY=VALUE",
            description = "Add an annotation to the OCI specification")
    List<String> annotations = new ArrayList<>();

    @Option(names = "--stop-signal", paramLabel = "SIGNAL", description = "The signal that asks the container to end")
    @Nullable
    String stopSignal;

    @Option(names = "--stop-timeout", paramLabel = "SECONDS", description = "How long it may take before it is killed")
    @Nullable
    Integer stopTimeout;

    @Option(
            names = "--restart",
            paramLabel = "POLICY",
            description = "When to start it again: no, on-failure[:N], always, unless-stopped")
    @Nullable
    String restart;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "How long it may run before it is killed")
    @Nullable
    Integer timeout;

    @Option(names = "--cgroup-parent", paramLabel = "PATH", description = "The cgroup under which it gets its own")
    @Nullable
    String cgroupParent;

    @Option(names = "--cgroups", paramLabel = "enabled", description = "Accepted as podman does")
    @Nullable
    String cgroups;

    @Option(names = "--sdnotify", paramLabel = "MODE", description = "Accepted as podman does; ctr sends nothing")
    @Nullable
    String sdnotify;

    @Option(names = "--secret", paramLabel = "SECRET", hidden = true, description = "Refused: ctr keeps no secrets")
    @Nullable
    String secret;

    @Option(names = "--conmon-pidfile", paramLabel = "FILE", description = "Write conmon's process number to this file")
    @Nullable
    Path conmonPidFile;

    @Option(names = "--pidfile", paramLabel = "FILE", description = "Write the container's process number to this file")
    @Nullable
    Path pidFile;

    @Option(names = "--cidfile", paramLabel = "FILE", description = "Write the container's ID to this file")
    @Nullable
    Path idFile;

    @Option(
            names = "--requires",
            paramLabel = "CONTAINER",
            split = ",",
            description = "Another container that must run when this one starts, and is started before it")
    List<String> requires = new ArrayList<>();

    @Mixin
    NamespaceFlags namespaces = new NamespaceFlags();

    @Mixin
    PodFlags pod = new PodFlags();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    @Mixin
    MountFlags mounts = new MountFlags();

    @Mixin
    LimitFlags limits = new LimitFlags();

    @Mixin
    PullFlags pull = new PullFlags();

    @Mixin
    DeviceFlags devices = new DeviceFlags();

    @Mixin
    SecurityFlags security = new SecurityFlags();

    @Mixin
    ProcessFlags process = new ProcessFlags();

    @Mixin
    LogFlags log = new LogFlags();

    @Mixin
    HealthFlags health = new HealthFlags();

    @Parameters(
            paramLabel = "IMAGE [COMMAND [ARG...]]",
            hideParamSyntax = true,
            description = "The image or, with --rootfs, the directory; then the program and its arguments")
    List<String> arguments = new ArrayList<>();

    private CreateOptions base() {
        if (arguments.isEmpty()) {
            throw new Failure("requires at least 1 arg(s), only received 0");
        }
        String first = arguments.get(0);
        if (!rootfs) {
            return CreateOptions.fromImage(first);
        }
        boolean overlay = first.endsWith(OVERLAY_SUFFIX);
        String directory = overlay ? first.substring(0, first.length() - OVERLAY_SUFFIX.length()) : first;
        return CreateOptions.fromRootfs(Path.of(directory).toAbsolutePath().normalize(), overlay);
    }

    /** Gets the image, from a registry if that is called for. */
    void obtainImage(Invocation ctr) {
        if (!rootfs) {
            pull.obtain(ctr, arguments.get(0));
        }
    }

    /** What the engine is asked for. */
    CreateOptions toOptions(Invocation ctr) {
        CreateOptions options = base().command(arguments.subList(1, arguments.size()))
                .interactive(interactive)
                .terminal(terminal)
                .removeOnExit(removeOnExit)
                .createCommand(commandLine(ctr))
                .onWarning(ctr::warn);
        refuse();
        addPairs(labelFiles.stream().flatMap(file -> VariableFile.lines("label", file).stream()), options::label);
        addPairs(labels.stream(), options::label);
        addPairs(annotations.stream(), options::annotation);
        set(name, options::name);
        set(stopSignal, options::stopSignal);
        set(stopTimeout, seconds -> options.stopTimeout(Duration.ofSeconds(seconds)));
        set(timeout, seconds -> options.timeout(Duration.ofSeconds(seconds)));
        set(cgroupParent, options::cgroupParent);
        set(restart, value -> addRestartPolicy(value, options));
        set(conmonPidFile, options::conmonPidFile);
        set(pidFile, options::pidFile);
        requires.forEach(options::requires);
        namespaces.addTo(options);
        if (!pod.makesNew()) {
            network.addTo(options, ctr);
        }
        mounts.addTo(options);
        limits.addTo(options);
        devices.addTo(options);
        security.addTo(options);
        process.addTo(options, ctr);
        log.addTo(options, ctr);
        health.addTo(options);
        return options;
    }

    private void refuse() {
        if (secret != null) {
            throw new Failure("no secret with name or id \"" + secret
                    + "\": ctr keeps no secrets; mount a file with -v FILE:/run/secrets/NAME:ro");
        }
        if (cgroups != null && !cgroups.equals("enabled")) {
            throw new Failure("--cgroups " + cgroups + ": ctr's containers always have a cgroup; leave the flag out");
        }
    }

    static List<String> commandLine(Invocation ctr) {
        List<String> words = new ArrayList<>(ctr.arguments());
        words.add(0, "ctr");
        return words;
    }

    private static void addPairs(Stream<String> pairs, BiConsumer<String, String> target) {
        pairs.map(KeyValue::parse).forEach(pair -> target.accept(pair.key(), pair.value()));
    }

    /** Hands a flag on if it was given. */
    static <T> void set(@Nullable T value, Consumer<T> target) {
        if (value != null) {
            target.accept(value);
        }
    }

    private void addRestartPolicy(String value, CreateOptions options) {
        int colon = value.indexOf(':');
        String policy = colon < 0 ? value : value.substring(0, colon);
        String retries = colon < 0 ? "0" : value.substring(colon + 1);
        if (!RESTART_POLICIES.contains(policy)) {
            throw new Failure("invalid restart policy \"" + policy + "\": it must be one of "
                    + String.join(", ", RESTART_POLICIES));
        }
        if (colon >= 0 && !policy.equals("on-failure")) {
            throw new Failure("restart policy retries can only be specified with on-failure restart policy");
        }
        if (!retries.matches("\\d{1,9}")) {
            throw new Failure("invalid restart policy retries \"" + retries + "\": it must be a number");
        }
        if (removeOnExit && !policy.equals("no")) {
            throw new Failure(
                    "the --rm option conflicts with --restart, when the restartPolicy is not \"\" and \"no\"");
        }
        options.restartPolicy(policy, Integer.parseInt(retries));
    }
}
