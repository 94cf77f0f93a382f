package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.PortMapping;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A container's configuration: a typed, immutable view of libpod's {@code ContainerConfig} JSON, the content of an
 * archive's {@code config.dump}. Keys that ctr does not use are kept, so that a container goes through ctr and comes back
 * to podman as it was. The keys are those of libpod/container_config.go.
 */
public final class ContainerConfig {
    private static final String AUTO_REMOVE = "io.podman.annotations.autoremove";
    private static final String INIT = "io.podman.annotations.init";

    /** Set in archives of containers that were paused. */
    static final String PAUSED_IN_CHECKPOINT = "ctrPausedInCheckpoint";

    /** Set where the cgroup namespace is the host's by choice; libpod leaves that to the specification of the moment. */
    static final String HOST_CGROUP_NAMESPACE = "ctrHostCgroupNamespace";

    private final ObjectNode json;

    private ContainerConfig(ObjectNode json) {
        this.json = json;
    }

    /** Takes over a copy of the JSON. */
    static ContainerConfig of(ObjectNode json) {
        return new ContainerConfig(json.deepCopy());
    }

    /** A copy with some keys changed. */
    ContainerConfig with(Consumer<ObjectNode> change) {
        ObjectNode copy = json.deepCopy();
        change.accept(copy);
        return new ContainerConfig(copy);
    }

    /** A copy of the JSON. */
    public ObjectNode toJson() {
        return json.deepCopy();
    }

    public ContainerId id() {
        return new ContainerId(text("id"));
    }

    public String name() {
        return text("name");
    }

    /** The image's ID, or empty for a container on a plain root file system. */
    public Optional<String> imageId() {
        return optional("rootfsImageID");
    }

    /** The image's full name, or empty. */
    public Optional<String> imageName() {
        return optional("rootfsImageName");
    }

    /** The image as the user named it, or the root file system's directory. */
    public String imageAsGiven() {
        return optional("RawImageName")
                .or(this::imageName)
                .or(() -> optional("rootfs"))
                .orElse("");
    }

    /** The host directory that is the root file system, for a container without an image. */
    public Optional<Path> rootfs() {
        return optional("rootfs").map(Path::of);
    }

    /** Whether {@link #rootfs} is left as it is and changes are kept beside it. */
    public boolean rootfsOverlay() {
        return json.path("rootfs_overlay").asBoolean();
    }

    /** Whether the container has a layer of its own over an image or directory, whose changes can be told. */
    public boolean hasOwnLayer() {
        return rootfs().isEmpty() || rootfsOverlay();
    }

    public Instant createdAt() {
        return OffsetDateTime.parse(text("createdTime")).toInstant();
    }

    /** Entry point and command together: what the first process runs. */
    public List<String> arguments() {
        return Json.strings(spec().path("process").path("args"));
    }

    public List<String> command() {
        return Json.strings(json.path("command"));
    }

    public List<String> entrypoint() {
        return Json.strings(json.path("entrypoint"));
    }

    public List<String> environment() {
        return Json.strings(spec().path("process").path("env"));
    }

    public Map<String, String> labels() {
        return stringMap(json.path("labels"));
    }

    public Map<String, String> annotations() {
        return stringMap(spec().path("annotations"));
    }

    public boolean terminal() {
        return spec().path("process").path("terminal").asBoolean();
    }

    /** Whether standard input stays open. */
    public boolean interactive() {
        return json.path("stdin").asBoolean();
    }

    public boolean removeOnExit() {
        return isAnnotated(AUTO_REMOVE);
    }

    public boolean privileged() {
        return json.path("privileged").asBoolean();
    }

    public String user() {
        return json.path("user").asText("");
    }

    public String hostname() {
        return spec().path("hostname").asText(id().abbreviated());
    }

    /** {@code bridge}, {@code host}, {@code none}, {@code ns} or {@code container:ID}. */
    public String networkMode() {
        return sharedNamespace(NamespaceKind.NET)
                .map(id -> "container:" + id)
                .orElseGet(() -> json.path("networkMode").asText("none"));
    }

    /** Whether the engine makes a network namespace of its own for it and joins it to networks. */
    public boolean ownsNetworkNamespace() {
        return json.path("createNetNS").asBoolean();
    }

    /** The networks it joins, by name, in order. */
    public Map<String, NetworkOptions> networks() {
        Map<String, NetworkOptions> networks = new LinkedHashMap<>();
        if (json.path("orderedNetworks").isArray()) {
            for (JsonNode network : json.path("orderedNetworks")) {
                networks.put(network.path("name").asText(), network(network, networks.size()));
            }
        } else {
            json.path("newNetworks")
                    .properties()
                    .forEach(entry -> networks.put(entry.getKey(), network(entry.getValue(), networks.size())));
        }
        return networks;
    }

    private static NetworkOptions network(JsonNode json, int index) {
        return new NetworkOptions(
                json.path("interface_name").asText("eth" + index),
                Json.strings(json.path("static_ips")),
                json.path("static_mac").asText(""),
                Json.strings(json.path("aliases")));
    }

    public List<PortMapping> ports() {
        List<PortMapping> ports = new ArrayList<>();
        for (JsonNode port : json.path("newPortMappings")) {
            ports.add(new PortMapping(
                    port.path("host_ip").asText(""),
                    port.path("container_port").asInt(),
                    port.path("host_port").asInt(),
                    Math.max(1, port.path("range").asInt(1)),
                    port.path("protocol").asText("tcp")));
        }
        return ports;
    }

    /** The container ports that may be published, with their protocols, whether they are published or not. */
    public Map<Integer, List<String>> exposedPorts() {
        Map<Integer, List<String>> exposed = new TreeMap<>();
        json.path("exposedPorts")
                .properties()
                .forEach(entry -> exposed.put(Integer.parseInt(entry.getKey()), Json.strings(entry.getValue())));
        return exposed;
    }

    /** Whether /etc/hosts is the image's, or none. */
    public boolean usesImageHosts() {
        return json.path("useImageHosts").asBoolean();
    }

    /** Whether /etc/resolv.conf is the image's, or none. */
    public boolean usesImageResolvConf() {
        return json.path("useImageResolvConf").asBoolean();
    }

    public List<NamedVolume> namedVolumes() {
        List<NamedVolume> volumes = new ArrayList<>();
        for (JsonNode volume : json.path("namedVolumes")) {
            volumes.add(new NamedVolume(
                    volume.path("volumeName").asText(),
                    volume.path("dest").asText(),
                    Json.strings(volume.path("options")),
                    volume.path("setAnonymous").asBoolean()));
        }
        return volumes;
    }

    /**
     * A named volume that the container mounts.
     *
     * @param name the volume's name
     * @param destination the absolute path inside the container
     * @param options mount options
     * @param anonymous whether it was made for this container alone, and goes with it
     */
    public record NamedVolume(String name, String destination, List<String> options, boolean anonymous) {}

    /** Directories of the host that it mounts under overlays of its own. */
    List<OverlayVolume> overlayVolumes() {
        List<OverlayVolume> volumes = new ArrayList<>();
        for (JsonNode volume : json.path("overlayVolumes")) {
            volumes.add(new OverlayVolume(
                    volume.path("source").asText(),
                    volume.path("dest").asText(),
                    Json.strings(volume.path("options"))));
        }
        return volumes;
    }

    /**
     * A directory of the host under an overlay, so that the container's changes stay its own.
     *
     * @param source the absolute host path
     * @param destination the absolute path inside the container
     * @param options mount options
     */
    record OverlayVolume(String source, String destination, List<String> options) {}

    /** The images whose content it mounts, by ID. */
    public List<StorageOptions.ImageMount> imageMounts() {
        List<StorageOptions.ImageMount> mounts = new ArrayList<>();
        for (JsonNode mount : json.path("ctrImageVolumes")) {
            mounts.add(new StorageOptions.ImageMount(
                    mount.path("source").asText(),
                    mount.path("dest").asText(),
                    mount.path("rw").asBoolean()));
        }
        return mounts;
    }

    /** The bind mounts that it was asked to have, besides volumes. */
    List<CreateOptions.Volume> userBinds() {
        List<String> places = Json.strings(json.path("userVolumes"));
        List<CreateOptions.Volume> binds = new ArrayList<>();
        for (JsonNode mount : spec().path("mounts")) {
            String destination = mount.path("destination").asText();
            if (mount.path("type").asText().equals("bind") && places.contains(destination)) {
                binds.add(new CreateOptions.Volume(
                        mount.path("source").asText(), destination, Json.strings(mount.path("options"))));
            }
        }
        return binds;
    }

    /** Further groups of its user, by name or number. */
    public List<String> groups() {
        return Json.strings(json.path("groups"));
    }

    /** The file mode creation mask, in octal. */
    public String umask() {
        return optional("umask").orElse("0022");
    }

    /** The time zone, or empty for the root file system's own. */
    public Optional<String> timezone() {
        return optional("timezone");
    }

    /** Whether its user gets a line in /etc/passwd if there is none. */
    boolean passwordEntry() {
        return json.path("passwd").asBoolean(true);
    }

    /** That line, or empty for the usual one. */
    String passwordLine() {
        return text("passwd_entry");
    }

    /** The init program that was named for it. */
    Optional<Path> initProgram() {
        return optional("ctrInitPath").map(Path::of);
    }

    /** How long it may run; zero for ever. */
    public Duration timeout() {
        return Duration.ofSeconds(json.path("timeout").asLong());
    }

    /** How it is asked whether it is well. */
    public Optional<HealthCheck> healthCheck() {
        return HealthCheck.of(json.path("healthcheck"));
    }

    /** The size of /dev/shm in bytes. */
    public long shmBytes() {
        return json.path("shmSize").asLong(65_536_000);
    }

    /** The signal that asks it to end. */
    public int stopSignal() {
        int signal = json.path("stopSignal").asInt();
        return signal == 0 ? 15 : signal;
    }

    public Duration stopTimeout() {
        return Duration.ofSeconds(json.path("stopTimeout").asLong(10));
    }

    public String logDriver() {
        return optional("logDriver").orElse("k8s-file");
    }

    /** The file that the log is written to, if another than the usual one. */
    Optional<Path> logPath() {
        return optional("logPath").map(Path::of);
    }

    /** The size in bytes from which on the log begins anew; 0 for no limit. */
    public long logSize() {
        return json.path("logSize").asLong();
    }

    /** By what its lines are known in the journal; may be empty. */
    public String logTag() {
        return text("logTag");
    }

    public List<String> dnsServers() {
        return Json.strings(json.path("dnsServer"));
    }

    public List<String> dnsSearches() {
        return Json.strings(json.path("dnsSearch"));
    }

    public List<String> dnsOptions() {
        return Json.strings(json.path("dnsOption"));
    }

    public List<String> addedHosts() {
        return Json.strings(json.path("hostsAdd"));
    }

    public String restartPolicy() {
        return optional("restart_policy").orElse("no");
    }

    public int restartRetries() {
        return json.path("restart_retries").asInt();
    }

    /** The OCI runtime that it was created with, by name or path. */
    public String runtime() {
        return optional("runtime").orElse("runc");
    }

    /** The runtime's name without the directory that it is in. */
    String runtimeName() {
        String runtime = runtime();
        return runtime.substring(runtime.lastIndexOf('/') + 1);
    }

    /** Of a container that came in an archive: whether it was paused when the archive was made. */
    boolean pausedInCheckpoint() {
        return json.path(PAUSED_IN_CHECKPOINT).asBoolean();
    }

    /** The cgroup under which it gets its own. */
    public String cgroupParent() {
        return text("cgroupParent");
    }

    public List<String> createCommand() {
        return Json.strings(json.path("CreateCommand"));
    }

    /** Where else conmon writes its process number, if asked to. */
    Optional<Path> conmonPidFile() {
        return optional("ctrConmonPidFile").map(Path::of);
    }

    /** Where else the process number is written, if asked to. */
    Optional<Path> pidFile() {
        return optional("ctrPidFile").map(Path::of);
    }

    /** Other containers that this one needs: those it was created to require, and those whose namespaces it joins. */
    public Set<ContainerId> dependencies() {
        Set<ContainerId> dependencies = new LinkedHashSet<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            sharedNamespace(kind).ifPresent(dependencies::add);
        }
        Json.strings(json.path("Dependencies")).forEach(id -> dependencies.add(new ContainerId(id)));
        return dependencies;
    }

    /** The kinds of namespaces that are another container's. */
    Set<NamespaceKind> sharedKinds() {
        Set<NamespaceKind> kinds = EnumSet.noneOf(NamespaceKind.class);
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (optional(kind.configKey()).isPresent()) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    /** Whether it was created to require other containers. */
    boolean requiresOthers() {
        return !json.path("Dependencies").isEmpty();
    }

    /** The container whose namespace of this kind it is in; empty if it has one of its own, the host's or one by path. */
    public Optional<ContainerId> sharedNamespace(NamespaceKind kind) {
        return optional(kind.configKey()).map(ContainerId::new);
    }

    /** How a namespace comes about according to the specification; empty for the host's. */
    Optional<JsonNode> namespace(NamespaceKind kind) {
        for (JsonNode namespace : spec().path("linux").path("namespaces")) {
            if (namespace.path("type").asText().equals(kind.specType())) {
                return Optional.of(namespace);
            }
        }
        return Optional.empty();
    }

    /** Whether it gets a new namespace of this kind. */
    boolean ownsNamespace(NamespaceKind kind) {
        return sharedNamespace(kind).isEmpty()
                && namespace(kind).filter(namespace -> !namespace.has("path")).isPresent();
    }

    /** Whether it was asked to stay in the host's cgroup namespace where that is not usual. */
    boolean keepsHostCgroupNamespace() {
        return json.path(HOST_CGROUP_NAMESPACE).asBoolean();
    }

    /** Whether it has no /dev/shm. */
    boolean hasNoShm() {
        return json.path("noShm").asBoolean();
    }

    /** Whether others may join its IPC namespace and /dev/shm. */
    boolean sharesShm() {
        return !json.path("noShmShare").asBoolean();
    }

    /** The pod that it is a member of. */
    public Optional<PodId> pod() {
        return optional("pod").map(PodId::new);
    }

    /** Whether it is a member of a pod, be it one of another host. */
    boolean isInPod() {
        return optional("pod").isPresent();
    }

    /** Whether it holds the namespaces that the members of its pod share. */
    public boolean isInfra() {
        return json.path("pause").asBoolean();
    }

    /** The OCI runtime specification as it was asked for, before the engine adds paths of this host. */
    ObjectNode spec() {
        return json.path("spec") instanceof ObjectNode spec ? spec : json.objectNode();
    }

    private boolean isAnnotated(String key) {
        return "TRUE".equals(spec().path("annotations").path(key).asText());
    }

    /** Whether a small init process runs in front of the program. */
    public boolean init() {
        return isAnnotated(INIT);
    }

    private String text(String key) {
        return json.path(key).asText();
    }

    private Optional<String> optional(String key) {
        return Optional.of(json.path(key).asText("")).filter(value -> !value.isEmpty());
    }

    private static Map<String, String> stringMap(JsonNode object) {
        Map<String, String> map = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
        return map;
    }
}
