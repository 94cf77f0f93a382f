package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code podman inspect} says of a container, under the same keys (libpod/define/container_inspect.go). */
final class Inspection {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private final EngineContext engine;
    private final ContainerConfig config;
    private final ContainerState state;
    private final ContainerPaths paths;

    Inspection(EngineContext engine, ContainerConfig config, ContainerState state) {
        this.engine = engine;
        this.config = config;
        this.state = state;
        this.paths = engine.store().paths(config.id());
    }

    ObjectNode toJson() throws IOException {
        ObjectNode json = Json.object();
        List<String> arguments = config.arguments();
        json.put("Id", config.id().hex());
        json.put("Created", config.createdAt().toString());
        json.put("Path", arguments.isEmpty() ? "" : arguments.get(0));
        json.set("Args", Json.array(arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size())));
        json.set("State", state());
        json.put("Image", config.imageId().orElse(""));
        json.put("ImageDigest", imageDigest());
        json.put("ImageName", config.imageName().orElse(""));
        json.put("Rootfs", config.rootfs().map(Path::toString).orElse(""));
        json.put("Pod", config.pod().map(PodId::hex).orElse(""));
        Path networkFiles = new SharedPlaces(engine.store(), config).networkFiles();
        json.put("ResolvConfPath", networkFiles.resolve("resolv.conf").toString());
        json.put("HostnamePath", paths.runDirectory().resolve("hostname").toString());
        json.put("HostsPath", networkFiles.resolve("hosts").toString());
        json.put("StaticDir", paths.bundle().toString());
        json.put("OCIConfigPath", paths.bundle().resolve("config.json").toString());
        json.put("OCIRuntime", config.runtime());
        json.put("ConmonPidFile", paths.conmonPidFile().toString());
        json.put("PidFile", paths.pidFile().toString());
        json.put("Name", config.name());
        json.put("RestartCount", state.restartCount());
        json.put("Driver", "overlay");
        json.put("MountLabel", "");
        json.put("ProcessLabel", "");
        json.put("AppArmorProfile", "");
        JsonNode capabilities = config.spec().path("process").path("capabilities");
        json.set("EffectiveCaps", capabilities.path("effective"));
        json.set("BoundingCaps", capabilities.path("bounding"));
        json.set("ExecIDs", Json.array(ExecSession.list(paths)));
        json.set("GraphDriver", graphDriver());
        json.set("Mounts", mounts());
        json.set(
                "Dependencies",
                Json.array(config.dependencies().stream().map(ContainerId::hex).toList()));
        ContainerConfig networkOwner = new SharedPlaces(engine.store(), config).networkOwner();
        json.set("NetworkSettings", NetworkInspection.of(engine, networkOwner).toJson());
        json.put("Namespace", "");
        json.put("IsInfra", config.isInfra());
        json.put("IsService", false);
        json.set("Config", configuration());
        json.set("HostConfig", hostConfiguration());
        return json;
    }

    /** The digest of the image's manifest; empty without an image, or when it was removed meanwhile. */
    private String imageDigest() {
        return config.imageId()
                .flatMap(engine.images()::find)
                .map(image -> image.digest().toString())
                .orElse("");
    }

    private ObjectNode state() throws IOException {
        ContainerStatus status = state.status();
        boolean restored = state.restoredAt().isPresent();
        boolean checkpointed = state.checkpointedAt().isPresent() || restored;
        ObjectNode json = Json.object();
        json.put("OciVersion", config.spec().path("ociVersion").asText(""));
        json.put("Status", status.word());
        json.put("Running", status == ContainerStatus.RUNNING || status == ContainerStatus.STOPPING);
        json.put("Paused", status == ContainerStatus.PAUSED);
        json.put("Restarting", false);
        json.put("OOMKilled", false);
        json.put("Dead", false);
        json.put("Pid", state.pid());
        if (state.conmonPid() != 0) {
            json.put("ConmonPid", state.conmonPid());
        }
        json.put("ExitCode", state.exitCode());
        json.put("Error", "");
        json.put("StartedAt", time(state.startedAt()));
        json.put("FinishedAt", time(state.finishedAt()));
        json.set("Health", health());
        json.put("CgroupPath", engine.cgroup(config).path());
        json.put("CheckpointedAt", time(state.checkpointedAt()));
        json.put("RestoredAt", time(state.restoredAt()));
        json.put("Checkpointed", state.checkpointed());
        json.put("Restored", state.restored());
        putIf(json, "CheckpointPath", paths.checkpoint(), checkpointed && CheckpointFiles.isRestorable(paths));
        putIf(json, "CheckpointLog", paths.bundle().resolve("dump.log"), checkpointed);
        putIf(json, "RestoreLog", paths.bundle().resolve("restore.log"), restored);
        json.put("StoppedByUser", state.stoppedByUser());
        return json;
    }

    private ObjectNode health() throws IOException {
        return config.healthCheck().isPresent()
                ? new HealthLog(paths).read()
                : Json.object().put("Status", "").put("FailingStreak", 0).putNull("Log");
    }

    private static void putIf(ObjectNode json, String key, Path path, boolean condition) {
        if (condition && Files.exists(path)) {
            json.put(key, path.toString());
        }
    }

    private static String time(Optional<Instant> instant) {
        return instant.map(Instant::toString).orElse(NEVER);
    }

    private ObjectNode graphDriver() throws IOException {
        ObjectNode json = Json.object().put("Name", "overlay");
        ObjectNode data = json.putObject("Data");
        if (config.hasOwnLayer()) {
            String lower = new ContainerResources(engine, config)
                    .rootFilesystem().lower().stream().map(Path::toString).collect(Collectors.joining(":"));
            data.put("LowerDir", lower);
            data.put("MergedDir", paths.merged().toString());
            data.put("UpperDir", paths.upper().toString());
            data.put("WorkDir", paths.work().toString());
        }
        return json;
    }

    private ArrayNode mounts() {
        ArrayNode mounts = Json.MAPPER.createArrayNode();
        for (ContainerConfig.NamedVolume volume : config.namedVolumes()) {
            String source = engine.volumes()
                    .find(volume.name())
                    .map(found -> found.directory().toString())
                    .orElse("");
            ObjectNode mount = mounts.addObject().put("Type", "volume").put("Name", volume.name());
            describe(mount, source, volume.destination(), volume.options());
            mount.put("Driver", "local");
        }
        for (JsonNode mount : config.spec().path("mounts")) {
            if (mount.path("type").asText().equals("bind")) {
                List<String> options = Json.strings(mount.path("options"));
                describe(
                        mounts.addObject().put("Type", "bind"),
                        mount.path("source").asText(),
                        mount.path("destination").asText(),
                        options);
            }
        }
        for (StorageOptions.ImageMount image : config.imageMounts()) {
            ObjectNode mount = mounts.addObject().put("Type", "image").put("Source", image.image());
            mount.put("Destination", image.destination()).put("Driver", "").put("Mode", "");
            mount.putNull("Options").put("RW", image.writable()).put("Propagation", "");
        }
        return mounts;
    }

    private static void describe(ObjectNode mount, String source, String destination, List<String> options) {
        mount.put("Source", source);
        mount.put("Destination", destination);
        mount.put("Driver", "");
        mount.put("Mode", "");
        mount.set(
                "Options",
                Json.array(options.stream()
                        .filter(option ->
                                !List.of("rw", "ro", "rprivate", "private").contains(option))
                        .toList()));
        mount.put("RW", !options.contains("ro"));
        mount.put("Propagation", "rprivate");
    }

    private ObjectNode configuration() {
        ObjectNode json = Json.object();
        json.put("Hostname", config.hostname());
        json.put("Domainname", "");
        json.put("User", config.user());
        json.put("AttachStdin", false);
        json.put("AttachStdout", false);
        json.put("AttachStderr", false);
        json.put("Tty", config.terminal());
        json.put("OpenStdin", config.interactive());
        json.put("StdinOnce", false);
        json.set("Env", Json.array(config.environment()));
        json.set("Cmd", Json.array(config.command()));
        json.put("Image", config.imageName().orElse(""));
        json.putNull("Volumes");
        json.put("WorkingDir", config.spec().path("process").path("cwd").asText("/"));
        json.put("Entrypoint", String.join(" ", config.entrypoint()));
        json.putNull("OnBuild");
        json.set("Labels", Json.MAPPER.valueToTree(config.labels()));
        json.set("Annotations", Json.MAPPER.valueToTree(config.annotations()));
        json.put("StopSignal", config.stopSignal());
        json.put("HealthcheckOnFailureAction", "none");
        json.set("CreateCommand", Json.array(config.createCommand()));
        config.timezone().ifPresent(zone -> json.put("Timezone", zone));
        config.healthCheck().ifPresent(check -> json.set("Healthcheck", check.toJson()));
        json.put("Umask", config.umask());
        json.put("Timeout", config.timeout().toSeconds());
        json.put("StopTimeout", config.stopTimeout().toSeconds());
        json.put("Passwd", config.passwordEntry());
        json.put("sdNotifyMode", "container");
        return json;
    }

    /** As the flag {@code -v} has them, with all options. */
    private List<String> binds() {
        Stream<String> named = config.namedVolumes().stream()
                .map(volume -> volume.name() + ":" + volume.destination() + ":" + String.join(",", volume.options()));
        Stream<String> bound = config.userBinds().stream()
                .map(bind -> bind.source() + ":" + bind.destination() + ":" + String.join(",", bind.options()));
        return Stream.concat(named, bound).toList();
    }

    private ObjectNode temporaryFileSystems() {
        ObjectNode json = Json.object();
        for (JsonNode mount : config.spec().path("mounts")) {
            String destination = mount.path("destination").asText();
            if (mount.path("type").asText().equals("tmpfs") && !destination.equals("/dev")) {
                json.put(destination, String.join(",", Json.strings(mount.path("options"))));
            }
        }
        return json;
    }

    private ObjectNode hostConfiguration() throws IOException {
        ObjectNode json = Json.object();
        json.set("Binds", Json.array(binds()));
        LimitsInspection limits = new LimitsInspection(config);
        json.put("CgroupManager", engine.options().cgroupManager().word());
        json.put("CgroupMode", NamespaceMode.word(config, NamespaceKind.CGROUP));
        json.put("ContainerIDFile", "");
        ObjectNode log = json.putObject("LogConfig");
        log.put("Type", config.logDriver()).putNull("Config");
        log.put(
                "Path",
                LogSettings.isFile(config.logDriver()) ? paths.log(config).toString() : "");
        log.put("Tag", config.logTag()).put("Size", LogSettings.humanSize(config.logSize()));
        json.put("NetworkMode", config.networkMode());
        json.set("PortBindings", NetworkInspection.of(engine, config).bindings());
        json.putObject("RestartPolicy")
                .put("Name", config.restartPolicy().equals("no") ? "" : config.restartPolicy())
                .put("MaximumRetryCount", config.restartRetries());
        json.put("AutoRemove", config.removeOnExit());
        json.put("VolumeDriver", "");
        json.putNull("VolumesFrom");
        limits.putCapabilities(json);
        json.set("Dns", Json.array(config.dnsServers()));
        json.set("DnsOptions", Json.array(config.dnsOptions()));
        json.set("DnsSearch", Json.array(config.dnsSearches()));
        json.set("ExtraHosts", Json.array(config.addedHosts()));
        json.set("GroupAdd", Json.array(config.groups()));
        json.put("IpcMode", NamespaceMode.word(config, NamespaceKind.IPC));
        json.put("Cgroup", "");
        json.put("Cgroups", "default");
        json.putNull("Links");
        json.put(
                "OomScoreAdj", config.spec().path("process").path("oomScoreAdj").asInt());
        json.put("PidMode", NamespaceMode.word(config, NamespaceKind.PID));
        json.put("Privileged", config.privileged());
        json.put("PublishAllPorts", false);
        json.put("ReadonlyRootfs", config.spec().path("root").path("readonly").asBoolean());
        json.set("SecurityOpt", Json.array(limits.securityOptions()));
        json.set("Tmpfs", temporaryFileSystems());
        json.put("UTSMode", NamespaceMode.word(config, NamespaceKind.UTS));
        String userNamespace = NamespaceMode.word(config, NamespaceKind.USER);
        json.put("UsernsMode", userNamespace.equals("host") ? "" : userNamespace);
        json.put("ShmSize", config.shmBytes());
        json.put("Runtime", "oci");
        json.putArray("ConsoleSize").add(0).add(0);
        json.put("Isolation", "");
        json.put("CgroupParent", config.cgroupParent());
        json.set("Devices", limits.devices());
        json.put("DiskQuota", 0);
        limits.putInto(json);
        for (String onlyOnWindows : List.of("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth")) {
            json.put(onlyOnWindows, 0);
        }
        json.putNull("CgroupConf");
        return json;
    }
}
