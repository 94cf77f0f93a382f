package dev.ctr.cli.pod;

import dev.ctr.cli.container.NetworkFlags;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.value.ByteSize;
import dev.ctr.cli.value.KeyValue;
import dev.ctr.cli.value.VariableFile;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.NamespaceKind;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.PodOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr pod create}: makes a pod, with its infra container. */
@Command(
        name = "create",
        description = "Create a pod",
        footer = {
            "",
            "Examples:",
            "  ctr pod create web",
            "  ctr pod create --name web -p 8080:80 --share ipc,net,uts,pid",
            "  ctr pod create --infra=false --label tier=web web"
        })
public final class PodCreateCommand extends Verb {
    private static final Set<NamespaceKind> SHAREABLE = EnumSet.of(
            NamespaceKind.CGROUP, NamespaceKind.IPC, NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.UTS);

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "The pod's name; by default two random words")
    private @Nullable String name;

    @Option(
            names = "--infra",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Make a container that holds the shared namespaces (default: true)")
    private boolean infra = true;

    @Option(names = "--infra-name", paramLabel = "NAME", description = "The infra container's name")
    private @Nullable String infraName;

    @Option(
            names = "--share",
            paramLabel = "KINDS",
            description = "What is shared: cgroup, ipc, net, pid, uts or none; +KINDS besides (default: ipc,net,uts)")
    private @Nullable String share;

    @Option(
            names = "--share-parent",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Put the members' cgroups below the pod's (default: true)")
    private boolean shareParent = true;

    @Option(names = "--cgroup-parent", paramLabel = "PATH", description = "The cgroup below which the pod has its own")
    private @Nullable String cgroupParent;

    @Option(
            names = "--exit-policy",
            paramLabel = "continue|stop",
            defaultValue = "continue",
            description = "stop: end the infra container after the last member (default: continue)")
    private String exitPolicy = "continue";

    @Option(
            names = {"-l", "--label"},
            paramLabel = "KEY=VALUE",
            description = "Add a label")
    private List<String> labels = new ArrayList<>();

    @Option(names = "--label-file", paramLabel = "FILE", description = "Add the labels that a file lists")
    private List<String> labelFiles = new ArrayList<>();

    @Option(names = "--pod-id-file", paramLabel = "FILE", description = "Write the pod's ID to this file")
    private @Nullable Path idFile;

    @Option(names = "--replace", description = "Remove a pod of the same name first")
    private boolean replace;

    @Option(names = "--shm-size", paramLabel = "SIZE", description = "The size of /dev/shm")
    private @Nullable ByteSize shm;

    @Option(names = "--pid", paramLabel = "NAMESPACE", description = "The infra container's PID namespace")
    private @Nullable String pid;

    @Option(names = "--uts", paramLabel = "NAMESPACE", description = "The infra container's UTS namespace")
    private @Nullable String uts;

    @Option(names = "--userns", paramLabel = "NAMESPACE", description = "The infra container's user namespace")
    private @Nullable String user;

    @Mixin
    private NetworkFlags network = new NetworkFlags();

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "The pod's name")
    private @Nullable String argument;

    public PodCreateCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (name != null && argument != null) {
            throw new Failure("cannot specify --name and NAME at the same time");
        }
        if (idFile != null && Files.exists(idFile)) {
            throw idFileExists(idFile);
        }
        PodOptions options = options();
        if (replace) {
            removeNamesake();
        }
        Pod pod = ctr.engine().createPod(options);
        if (idFile != null) {
            writeId(pod, idFile);
        }
        ctr.output().line(pod.id().hex());
        return ExitCode.OK;
    }

    private Optional<String> wantedName() {
        return Optional.ofNullable(name).or(() -> Optional.ofNullable(argument));
    }

    private PodOptions options() {
        PodOptions options =
                new PodOptions().infra(infra).shareParent(shareParent).exitPolicy(exitPolicy);
        List<String> commandLine = new ArrayList<>(ctr.arguments());
        commandLine.add(0, "ctr");
        options.createCommand(commandLine);
        wantedName().ifPresent(options::name);
        Optional.ofNullable(infraName).ifPresent(options::infraName);
        Optional.ofNullable(cgroupParent).ifPresent(options::cgroupParent);
        if (share != null) {
            options.share(kinds(share));
        }
        Stream.concat(labelFiles.stream().flatMap(file -> VariableFile.lines("label", file).stream()), labels.stream())
                .map(KeyValue::parse)
                .forEach(label -> options.label(label.key(), label.value()));
        network.addTo(options.infraContainer(), ctr);
        addNamespaces(options);
        return options;
    }

    private void addNamespaces(PodOptions options) {
        Optional.ofNullable(shm).ifPresent(size -> options.infraContainer().shmBytes(size.bytes()));
        Optional.ofNullable(pid).ifPresent(mode -> options.infraContainer().namespace(NamespaceKind.PID, mode));
        Optional.ofNullable(uts).ifPresent(mode -> options.infraContainer().namespace(NamespaceKind.UTS, mode));
        Optional.ofNullable(user).ifPresent(mode -> options.infraContainer().namespace(NamespaceKind.USER, mode));
    }

    private static Set<NamespaceKind> kinds(String list) {
        boolean besides = list.startsWith("+");
        Set<NamespaceKind> kinds = EnumSet.noneOf(NamespaceKind.class);
        if (besides) {
            kinds.addAll(PodOptions.DEFAULT_SHARED);
        }
        for (String word : (besides ? list.substring(1) : list).split(",", -1)) {
            if (word.equals("none") || word.isEmpty()) {
                return Set.of();
            }
            kinds.add(kind(word));
        }
        return kinds;
    }

    private static NamespaceKind kind(String word) {
        return Arrays.stream(NamespaceKind.values())
                .filter(kind -> SHAREABLE.contains(kind) && kind.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new Failure("invalid kernel namespace to share: " + word
                        + ". Options are: cgroup, ipc, net, pid, uts or none"));
    }

    private void removeNamesake() {
        String namesake = wantedName().orElseThrow(() -> new Failure("cannot replace pod without --name being set"));
        try {
            ctr.engine().pod(namesake).remove(true, Optional.empty());
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_POD) {
                throw e;
            }
        }
    }

    private static void writeId(Pod pod, Path file) {
        try {
            Files.writeString(file, pod.id().hex(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            pod.remove(true, Optional.empty());
            throw idFileExists(file);
        } catch (IOException e) {
            pod.remove(true, Optional.empty());
            throw new Failure(ExitCode.CTR, "cannot write pod ID file " + file + ": " + e.getMessage(), e);
        }
    }

    private static Failure idFileExists(Path file) {
        return new Failure("pod id file exists. Ensure another pod is not using it or delete " + file);
    }
}
