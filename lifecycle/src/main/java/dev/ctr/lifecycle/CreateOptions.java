package dev.ctr.lifecycle;

import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.PortMapping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a new container is to be, as libpod's specification generator takes it. A mutable builder: start from {@link
 * #fromImage} or {@link #fromRootfs}, set what differs from the image and the defaults, then hand it to {@link
 * Engine#create}.
 */
public final class CreateOptions {
    final @Nullable String image;
    final @Nullable Path rootfs;
    final boolean rootfsOverlay;

    @Nullable
    String name;

    List<String> command = List.of();

    @Nullable
    List<String> entrypoint;

    final Map<String, String> environment = new LinkedHashMap<>();
    final Map<String, String> labels = new LinkedHashMap<>();
    final Map<String, String> annotations = new LinkedHashMap<>();

    @Nullable
    String user;

    @Nullable
    String workingDirectory;

    @Nullable
    String hostname;

    boolean terminal;
    boolean interactive;
    boolean removeOnExit;
    boolean privileged;
    boolean readOnly;
    String network = "bridge";
    final Map<String, NetworkOptions> networks = new LinkedHashMap<>();
    final List<String> networkAliases = new ArrayList<>();
    boolean networkSaid;
    final Map<NamespaceKind, String> namespaces = new EnumMap<>(NamespaceKind.class);
    final List<String> requires = new ArrayList<>();

    @Nullable
    String pod;

    /** The pod that the new container is the infra container of. */
    @Nullable
    PodConfig infraOf;

    final List<PortMapping> ports = new ArrayList<>();
    final List<String> exposedPorts = new ArrayList<>();
    boolean publishAllPorts;
    boolean withoutHosts;

    @Nullable
    String ip;

    @Nullable
    String macAddress;

    final List<String> dnsServers = new ArrayList<>();
    final List<String> dnsSearches = new ArrayList<>();
    final List<String> dnsOptions = new ArrayList<>();
    final List<String> addedHosts = new ArrayList<>();
    final List<Volume> volumes = new ArrayList<>();
    final Map<String, String> temporaryFileSystems = new LinkedHashMap<>();

    @Nullable
    String stopSignal;

    @Nullable
    Duration stopTimeout;

    long shmBytes = 65_536_000;
    final ResourceOptions resources = new ResourceOptions();
    final SecurityOptions security = new SecurityOptions();
    final StorageOptions storage = new StorageOptions();
    final LogSettings log = new LogSettings();
    final ProcessOptions process = new ProcessOptions();
    Duration timeout = Duration.ZERO;

    @Nullable
    String cgroupParent;

    @Nullable
    HealthCheck healthCheck;

    Consumer<String> warnings = warning -> {};
    String restartPolicy = "no";
    int restartRetries;

    @Nullable
    Path conmonPidFile;

    @Nullable
    Path pidFile;

    List<String> createCommand = List.of();

    /**
     * A volume or bind mount as {@code -v} gives it.
     *
     * @param source an absolute host path for a bind mount, a volume's name, or empty for an anonymous volume
     * @param destination the absolute path inside the container
     * @param options mount options such as {@code ro} or {@code rprivate}
     */
    public record Volume(String source, String destination, List<String> options) {
        boolean isBind() {
            return source.startsWith("/");
        }
    }

    private CreateOptions(@Nullable String image, @Nullable Path rootfs, boolean rootfsOverlay) {
        this.image = image;
        this.rootfs = rootfs;
        this.rootfsOverlay = rootfsOverlay;
    }

    /** A container whose root file system is an image of the store, by name or ID. */
    public static CreateOptions fromImage(String image) {
        return new CreateOptions(image, null, false);
    }

    /**
     * A container whose root file system is a directory of the host.
     *
     * @param overlay true leaves the directory as it is and keeps the container's changes beside it ({@code DIR:O}); false
     *     lets the container write into it
     */
    public static CreateOptions fromRootfs(Path directory, boolean overlay) {
        return new CreateOptions(null, directory, overlay);
    }

    public CreateOptions name(String value) {
        name = value;
        return this;
    }

    /** The program and its arguments; empty takes the image's. */
    public CreateOptions command(List<String> value) {
        command = List.copyOf(value);
        return this;
    }

    /** Replaces the image's entry point; an empty list removes it. */
    public CreateOptions entrypoint(List<String> value) {
        entrypoint = List.copyOf(value);
        return this;
    }

    public CreateOptions environment(String key, String value) {
        environment.put(key, value);
        return this;
    }

    public CreateOptions label(String key, String value) {
        labels.put(key, value);
        return this;
    }

    public CreateOptions annotation(String key, String value) {
        annotations.put(key, value);
        return this;
    }

    /** {@code USER[:GROUP]}, by name or number, resolved inside the root file system. */
    public CreateOptions user(String value) {
        user = value;
        return this;
    }

    public CreateOptions workingDirectory(String value) {
        workingDirectory = value;
        return this;
    }

    public CreateOptions hostname(String value) {
        hostname = value;
        return this;
    }

    public CreateOptions terminal(boolean value) {
        terminal = value;
        return this;
    }

    /** Keeps standard input open. */
    public CreateOptions interactive(boolean value) {
        interactive = value;
        return this;
    }

    public CreateOptions removeOnExit(boolean value) {
        removeOnExit = value;
        return this;
    }

    public CreateOptions privileged(boolean value) {
        privileged = value;
        return this;
    }

    public CreateOptions readOnly(boolean value) {
        readOnly = value;
        return this;
    }

    /** {@code none}, {@code host}, {@code bridge}, a network's name, {@code container:X} or {@code ns:PATH}. */
    public CreateOptions network(String value) {
        network = value;
        networks.clear();
        networkSaid = true;
        return this;
    }

    /**
     * One of the networks to join, by name or ID or as {@code bridge}, the first of them first; takes the place of {@link
     * #network}.
     */
    public CreateOptions joinNetwork(String name, NetworkOptions options) {
        network = "bridge";
        networkSaid = true;
        networks.put(name, options);
        return this;
    }

    /** A further name on all of its networks. */
    public CreateOptions networkAlias(String value) {
        networkAliases.add(value);
        return this;
    }

    /** A port that may be published: {@code PORT[-PORT][/PROTOCOL]}. */
    public CreateOptions expose(String value) {
        exposedPorts.add(value);
        return this;
    }

    /** Whether every exposed port, of the image too, is published on a free port of the host. */
    public CreateOptions publishAllPorts(boolean value) {
        publishAllPorts = value;
        return this;
    }

    /** Whether /etc/hosts is left as the image has it. */
    public CreateOptions withoutHosts(boolean value) {
        withoutHosts = value;
        return this;
    }

    /**
     * Where a namespace comes from: {@code private}, {@code host}, {@code container:X}, {@code ns:PATH}, {@code pod}, and for
     * IPC {@code shareable} and {@code none}; empty for what is usual. The network's is told by {@link #network}.
     */
    public CreateOptions namespace(NamespaceKind kind, String mode) {
        namespaces.put(kind, mode);
        return this;
    }

    /** Another container, by name or ID, that must run when this one starts. */
    public CreateOptions requires(String container) {
        requires.add(container);
        return this;
    }

    /** The pod that the container is to join, by name or ID; what the pod shares is joined where nothing else is said. */
    public CreateOptions pod(String value) {
        pod = value;
        return this;
    }

    public CreateOptions publish(PortMapping value) {
        ports.add(value);
        return this;
    }

    public CreateOptions ip(String value) {
        ip = value;
        return this;
    }

    public CreateOptions macAddress(String value) {
        macAddress = value;
        return this;
    }

    /** An address, or {@code none} to leave /etc/resolv.conf as the image has it. */
    public CreateOptions dnsServer(String value) {
        dnsServers.add(value);
        return this;
    }

    public CreateOptions dnsSearch(String value) {
        dnsSearches.add(value);
        return this;
    }

    public CreateOptions dnsOption(String value) {
        dnsOptions.add(value);
        return this;
    }

    /** {@code NAME[;NAME...]:ADDRESS}, a line for /etc/hosts; {@code host-gateway} is the host's address. */
    public CreateOptions addHost(String value) {
        addedHosts.add(value);
        return this;
    }

    public CreateOptions volume(Volume value) {
        volumes.add(value);
        return this;
    }

    /** A tmpfs at the destination, with mount options such as {@code size=64m}; empty for the defaults. */
    public CreateOptions temporaryFileSystem(String destination, String options) {
        temporaryFileSystems.put(destination, options);
        return this;
    }

    /** A signal's name or number. */
    public CreateOptions stopSignal(String value) {
        stopSignal = value;
        return this;
    }

    public CreateOptions stopTimeout(Duration value) {
        stopTimeout = value;
        return this;
    }

    /** The size of /dev/shm in bytes. */
    public CreateOptions shmBytes(long value) {
        shmBytes = value;
        return this;
    }

    /** What it may use of its host. */
    public ResourceOptions resources() {
        return resources;
    }

    /** What it may do. */
    public SecurityOptions security() {
        return security;
    }

    /** What it mounts besides volumes and tmpfs. */
    public StorageOptions storage() {
        return storage;
    }

    /** Where its output is kept. */
    public LogSettings log() {
        return log;
    }

    /** Its program's user, environment and surroundings. */
    public ProcessOptions process() {
        return process;
    }

    /** How long it may run before it is killed; zero for as long as it wants. */
    public CreateOptions timeout(Duration value) {
        timeout = value;
        return this;
    }

    /** The cgroup under which it gets its own, in place of the engine's. */
    public CreateOptions cgroupParent(String value) {
        cgroupParent = value;
        return this;
    }

    /** How it is told whether it is well, in place of the image's way. */
    public CreateOptions healthCheck(HealthCheck value) {
        healthCheck = value;
        return this;
    }

    /** Is told what could not be done as asked, one sentence each. */
    public CreateOptions onWarning(Consumer<String> value) {
        warnings = value;
        return this;
    }

    /** {@code no}, {@code on-failure[:N]}, {@code always} or {@code unless-stopped}. */
    public CreateOptions restartPolicy(String policy, int retries) {
        restartPolicy = policy;
        restartRetries = retries;
        return this;
    }

    /** Where conmon is to write its own process number besides. */
    public CreateOptions conmonPidFile(Path value) {
        conmonPidFile = value;
        return this;
    }

    /** Where the container's process number is to be written besides. */
    public CreateOptions pidFile(Path value) {
        pidFile = value;
        return this;
    }

    /** The command line that asked for the container, kept for {@code inspect}. */
    public CreateOptions createCommand(List<String> value) {
        createCommand = List.copyOf(value);
        return this;
    }
}
