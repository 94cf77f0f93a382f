package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns what was asked for, and what the image says, into a container's configuration in libpod's form. Checks everything
 * that can be checked without touching anything.
 */
final class ConfigGenerator {
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final List<String> RESTART_POLICIES = List.of("", "no", "on-failure", "always", "unless-stopped");
    private static final List<String> LOG_DRIVERS = List.of("k8s-file", "json-file", "none");

    private final EngineOptions engine;
    private final CreateOptions asked;
    private final Optional<Image> image;
    private final ContainerId id;
    private final String name;
    private final NamespacePlan namespaces;

    ConfigGenerator(
            EngineOptions engine,
            CreateOptions asked,
            Optional<Image> image,
            ContainerId id,
            String name,
            NamespacePlan namespaces) {
        this.engine = engine;
        this.asked = asked;
        this.image = image;
        this.id = id;
        this.name = name;
        this.namespaces = namespaces;
    }

    ContainerConfig generate(NetworkConfiguration network, List<ContainerConfig.NamedVolume> volumes) throws IOException {
        check();
        ObjectNode config = Json.object();
        config.set("spec", specification());
        config.put("id", id.hex());
        config.put("name", name);
        config.set("CreateCommand", Json.array(asked.createCommand));
        putImage(config);
        config.put("shmSize", asked.shmBytes);
        putVolumes(config, volumes);
        config.put("privileged", asked.privileged);
        network.put(config, id);
        config.set("command", Json.array(command()));
        config.set("entrypoint", Json.array(entrypoint()));
        config.put("user", user());
        config.put("stdin", asked.interactive);
        config.set("labels", Json.MAPPER.valueToTree(labels()));
        config.put("stopSignal", stopSignal());
        config.put("stopTimeout", stopTimeout().toSeconds());
        config.put("createdTime", OffsetDateTime.now(ZoneOffset.UTC).toString());
        config.put("cgroupManager", engine.cgroupManager().word());
        config.put("cgroupsMode", "enabled");
        config.put("cgroupParent", namespaces.cgroupParent().orElse(engine.cgroupParent()));
        namespaces.putInto(config);
        config.put("logDriver", asked.logDriver);
        config.put("runtime", engine.runtime());
        config.put("umask", "0022");
        config.put("restart_policy", asked.restartPolicy);
        config.put("restart_retries", asked.restartRetries);
        if (asked.conmonPidFile != null) {
            config.put("ctrConmonPidFile", asked.conmonPidFile.toAbsolutePath().toString());
        }
        if (asked.pidFile != null) {
            config.put("ctrPidFile", asked.pidFile.toAbsolutePath().toString());
        }
        return ContainerConfig.of(config);
    }

    private void check() {
        if (arguments().isEmpty()) {
            throw invalid("no command or entrypoint provided, and no CMD or ENTRYPOINT from image");
        }
        if (!RESTART_POLICIES.contains(asked.restartPolicy)) {
            throw invalid("\"" + asked.restartPolicy
                    + "\" is not a restart policy: use no, on-failure[:N], always or unless-stopped");
        }
        if (asked.removeOnExit && !asked.restartPolicy.equals("no") && !asked.restartPolicy.isEmpty()) {
            throw invalid("--rm and --restart cannot be used together");
        }
        if (!LOG_DRIVERS.contains(asked.logDriver)) {
            throw invalid("\"" + asked.logDriver + "\" is not a log driver: use k8s-file, json-file or none");
        }
        if (asked.shmBytes <= 0) {
            throw invalid("the size of /dev/shm must be above zero");
        }
    }

    private void putImage(ObjectNode config) {
        image.ifPresent(found -> {
            config.put("RawImageName", asked.image);
            config.put("rootfsImageID", found.id().hex());
            config.put(
                    "rootfsImageName",
                    found.names().isEmpty()
                            ? found.id().hex()
                            : found.names().get(0).toString());
        });
        if (asked.rootfs != null) {
            config.put("rootfs", asked.rootfs.toString());
            config.put("rootfs_overlay", asked.rootfsOverlay);
        }
    }

    private static void putVolumes(ObjectNode config, List<ContainerConfig.NamedVolume> volumes) {
        ArrayNode named = config.putArray("namedVolumes");
        ArrayNode destinations = config.putArray("userVolumes");
        for (ContainerConfig.NamedVolume volume : volumes) {
            ObjectNode one = named.addObject().put("volumeName", volume.name()).put("dest", volume.destination());
            one.set("options", Json.array(volume.options()));
            if (volume.anonymous()) {
                one.put("setAnonymous", true);
            }
            destinations.add(volume.destination());
        }
    }

    private ObjectNode specification() throws IOException {
        ObjectNode spec = Json.object();
        spec.put("ociVersion", "1.0.2-dev");
        ObjectNode process = spec.putObject("process");
        process.put("terminal", asked.terminal);
        process.putObject("user").put("uid", 0).put("gid", 0).put("umask", 18);
        process.set("args", Json.array(arguments()));
        process.set("env", Json.array(environment()));
        process.put("cwd", workingDirectory());
        ObjectNode capabilities = process.putObject("capabilities");
        List<String> granted =
                Capabilities.granted(asked.privileged, asked.addedCapabilities, asked.droppedCapabilities);
        for (String set : List.of("bounding", "effective", "permitted")) {
            capabilities.set(set, Json.array(granted));
        }
        spec.putObject("root").put("path", "rootfs").put("readonly", asked.readOnly);
        spec.put("hostname", hostname());
        spec.set("mounts", mounts());
        ObjectNode annotations = spec.putObject("annotations");
        asked.annotations.forEach(annotations::put);
        annotations.put("io.podman.annotations.autoremove", asked.removeOnExit ? "TRUE" : "FALSE");
        annotations.put("io.podman.annotations.privileged", asked.privileged ? "TRUE" : "FALSE");
        spec.set("linux", linux());
        return spec;
    }

    private ArrayNode mounts() {
        SpecMounts mounts = new SpecMounts(asked.privileged).standard();
        asked.volumes.stream()
                .filter(CreateOptions.Volume::isBind)
                .forEach(volume -> mounts.bind(volume.source(), volume.destination(), volume.options()));
        if (asked.readOnly) {
            for (String writable : List.of("/run", "/tmp", "/var/tmp")) {
                mounts.temporary(writable, "rw,nosuid,nodev");
            }
        }
        asked.temporaryFileSystems.forEach(mounts::temporary);
        return mounts.toJson();
    }

    private ObjectNode linux() {
        ObjectNode linux = Json.object();
        ObjectNode resources = linux.putObject("resources");
        resources.putArray("devices").addObject().put("allow", asked.privileged).put("access", "rwm");
        if (asked.memoryBytes > 0) {
            resources.putObject("memory").put("limit", asked.memoryBytes).put("swap", 2 * asked.memoryBytes);
        }
        if (asked.cpus > 0) {
            resources.putObject("cpu").put("period", 100_000).put("quota", Math.round(asked.cpus * 100_000));
        }
        if (asked.pidsLimit >= 0) {
            resources.putObject("pids").put("limit", asked.pidsLimit == 0 ? 2048 : asked.pidsLimit);
        }
        namespaces.putInto(linux.putArray("namespaces"));
        if (namespaces.ownsNetwork()) {
            linux.putObject("sysctl").put("net.ipv4.ping_group_range", "0 0");
        }
        if (!asked.privileged) {
            linux.set("maskedPaths", Json.array(SpecMounts.MASKED_PATHS));
            linux.set("readonlyPaths", Json.array(SpecMounts.READ_ONLY_PATHS));
        }
        return linux;
    }

    private Optional<ImageConfig> imageConfig() {
        return image.map(Image::config);
    }

    private List<String> entrypoint() {
        if (asked.entrypoint != null) {
            return asked.entrypoint;
        }
        return imageConfig().map(ImageConfig::entrypoint).orElse(List.of());
    }

    /** The image's command stands in only when neither a command nor an entry point was given. */
    private List<String> command() {
        if (!asked.command.isEmpty() || asked.entrypoint != null) {
            return asked.command;
        }
        return imageConfig().map(ImageConfig::cmd).orElse(List.of());
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(entrypoint());
        arguments.addAll(command());
        return arguments;
    }

    private List<String> environment() throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        put(environment, DEFAULT_PATH);
        put(environment, "container=ctr");
        put(environment, "TERM=xterm");
        imageConfig().map(ImageConfig::env).orElse(List.of()).forEach(variable -> put(environment, variable));
        environment.putAll(asked.environment);
        environment.putIfAbsent("HOSTNAME", hostname());
        return environment.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }

    private static void put(Map<String, String> environment, String variable) {
        int equals = variable.indexOf('=');
        if (equals > 0) {
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
    }

    private Map<String, String> labels() {
        Map<String, String> labels =
                new LinkedHashMap<>(imageConfig().map(ImageConfig::labels).orElse(Map.of()));
        labels.putAll(asked.labels);
        return labels;
    }

    private String workingDirectory() {
        if (asked.workingDirectory != null) {
            if (!asked.workingDirectory.startsWith("/")) {
                throw invalid("the working directory \"" + asked.workingDirectory
                        + "\" is invalid, it needs to be an absolute path");
            }
            return asked.workingDirectory;
        }
        return imageConfig()
                .map(ImageConfig::workingDir)
                .filter(directory -> !directory.isEmpty())
                .orElse("/");
    }

    private String user() {
        if (asked.user != null) {
            return asked.user;
        }
        return imageConfig().map(ImageConfig::user).orElse("");
    }

    private String hostname() throws IOException {
        Optional<String> joined = namespaces.joinedHostname();
        if (joined.isPresent()) {
            return joined.get();
        }
        if (asked.hostname != null) {
            return asked.hostname;
        }
        boolean hosts = asked.network.equals("host")
                || namespaces.mode(NamespaceKind.UTS).source() == NamespaceMode.Source.HOST;
        return hosts ? hostHostname() : id.abbreviated();
    }

    private static String hostHostname() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    private int stopSignal() {
        if (asked.stopSignal != null) {
            return Signal.parse(asked.stopSignal);
        }
        return imageConfig()
                .map(ImageConfig::stopSignal)
                .filter(signal -> !signal.isEmpty())
                .map(Signal::parse)
                .orElse(Signal.TERM);
    }

    private Duration stopTimeout() {
        return asked.stopTimeout == null ? Duration.ofSeconds(10) : asked.stopTimeout;
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}
