package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns what was asked for, and what the image says, into a container's configuration in libpod's form. Checks everything
 * that can be checked without touching anything.
 */
final class ConfigGenerator {
    private static final List<String> RESTART_POLICIES = List.of("", "no", "on-failure", "always", "unless-stopped");

    private final EngineOptions engine;
    private final CreateOptions asked;
    private final Optional<Image> image;
    private final ContainerId id;
    private final String name;
    private final NamespacePlan namespaces;
    private final ProcessSpec process;
    private final VolumePlan volumes;

    ConfigGenerator(
            EngineOptions engine,
            CreateOptions asked,
            Optional<Image> image,
            ContainerId id,
            String name,
            VolumePlan volumes,
            NamespacePlan namespaces)
            throws IOException {
        this.engine = engine;
        this.asked = asked;
        this.image = image;
        this.id = id;
        this.name = name;
        this.namespaces = namespaces;
        this.volumes = volumes;
        this.process = new ProcessSpec(asked, image.map(Image::config), hostname());
    }

    ContainerConfig generate(NetworkConfiguration network) throws IOException {
        check();
        ObjectNode config = Json.object();
        config.set("spec", specification());
        config.put("id", id.hex());
        config.put("name", name);
        config.set("CreateCommand", Json.array(asked.createCommand));
        putImage(config);
        config.put("shmSize", asked.shmBytes);
        volumes.addTo(config);
        config.put("privileged", asked.privileged);
        network.put(config, id);
        config.put("mountAllDevices", asked.privileged);
        config.set("labelopts", Json.array(asked.security.labels));
        process.addToConfiguration(config);
        config.put("stdin", asked.interactive);
        config.set("labels", Json.MAPPER.valueToTree(labels()));
        config.put("stopSignal", stopSignal());
        config.put("stopTimeout", stopTimeout().toSeconds());
        if (!asked.timeout.isZero()) {
            config.put("timeout", asked.timeout.toSeconds());
        }
        config.put("createdTime", OffsetDateTime.now(ZoneOffset.UTC).toString());
        config.put("cgroupManager", engine.cgroupManager().word());
        config.put("cgroupsMode", "enabled");
        String parent = asked.cgroupParent == null ? engine.cgroupParent() : asked.cgroupParent;
        config.put("cgroupParent", namespaces.cgroupParent().orElse(parent));
        namespaces.putInto(config);
        putLog(config);
        config.put("runtime", engine.runtime());
        config.put("restart_policy", asked.restartPolicy);
        config.put("restart_retries", asked.restartRetries);
        putHealthCheck(config);
        if (asked.conmonPidFile != null) {
            config.put("ctrConmonPidFile", asked.conmonPidFile.toAbsolutePath().toString());
        }
        if (asked.pidFile != null) {
            config.put("ctrPidFile", asked.pidFile.toAbsolutePath().toString());
        }
        return ContainerConfig.of(config);
    }

    private void check() {
        process.check();
        asked.log.check(asked.terminal);
        if (asked.cgroupParent != null && !asked.cgroupParent.matches("/[^\\s:]*[^/\\s:]")) {
            throw invalid("invalid cgroup parent \"" + asked.cgroupParent + "\": it must be an absolute path");
        }
        if (!RESTART_POLICIES.contains(asked.restartPolicy)) {
            throw invalid("\"" + asked.restartPolicy
                    + "\" is not a restart policy: use no, on-failure[:N], always or unless-stopped");
        }
        if (asked.removeOnExit && !asked.restartPolicy.equals("no") && !asked.restartPolicy.isEmpty()) {
            throw invalid("--rm and --restart cannot be used together");
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

    private void putLog(ObjectNode config) {
        config.put("logDriver", asked.log.driver);
        config.put("logTag", asked.log.tag);
        config.put("logSize", asked.log.largestBytes);
        if (asked.log.path != null) {
            config.put("logPath", asked.log.path.toAbsolutePath().toString());
        }
    }

    private void putHealthCheck(ObjectNode config) {
        if (asked.healthCheck != null && !asked.healthCheck.isNone()) {
            config.set("healthcheck", asked.healthCheck.toJson());
        }
    }

    private ObjectNode specification() throws IOException {
        ObjectNode spec = Json.object();
        spec.put("ociVersion", "1.0.2-dev");
        process.addTo(spec);
        spec.putObject("root").put("path", "rootfs").put("readonly", asked.readOnly);
        spec.put("hostname", hostname());
        spec.set("mounts", mounts());
        ObjectNode annotations = spec.putObject("annotations");
        asked.annotations.forEach(annotations::put);
        annotations.put("io.podman.annotations.autoremove", asked.removeOnExit ? "TRUE" : "FALSE");
        annotations.put("io.podman.annotations.privileged", asked.privileged ? "TRUE" : "FALSE");
        annotations.put("io.podman.annotations.init", asked.process.init ? "TRUE" : "FALSE");
        spec.set("linux", linux());
        new ResourceSpec(asked.resources, asked.privileged, asked.warnings).addTo(spec);
        new SecuritySpec(asked.security, asked.privileged).addTo(spec, process.user());
        return spec;
    }

    private ArrayNode mounts() {
        SpecMounts mounts = new SpecMounts(asked.privileged, asked.security.procOptions).standard();
        if (asked.readOnly && asked.storage.readOnlyTmpfs) {
            for (String writable : List.of("/run", "/tmp", "/var/tmp")) {
                mounts.temporary(writable, "");
            }
        }
        volumes.binds().forEach(mounts::bind);
        volumes.temporary().forEach(mounts::temporary);
        asked.storage.pseudoTerminals.forEach(mounts::pseudoTerminals);
        return mounts.toJson();
    }

    private ObjectNode linux() {
        ObjectNode linux = Json.object();
        ArrayNode kinds = linux.putArray("namespaces");
        namespaces.putInto(kinds);
        if (namespaces.ownsNetwork()) {
            linux.putObject("sysctl").put("net.ipv4.ping_group_range", "0 0");
        }
        Sysctls.add(asked.resources.sysctls, ownNamespaces(kinds), linux);
        return linux;
    }

    private static Set<String> ownNamespaces(ArrayNode kinds) {
        Set<String> own = new TreeSet<>();
        for (JsonNode namespace : kinds) {
            if (!namespace.has("path")) {
                own.add(namespace.path("type").asText());
            }
        }
        return own;
    }

    private Optional<ImageConfig> imageConfig() {
        return image.map(Image::config);
    }

    private Map<String, String> labels() {
        Map<String, String> labels =
                new LinkedHashMap<>(imageConfig().map(ImageConfig::labels).orElse(Map.of()));
        labels.putAll(asked.labels);
        return labels;
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
