package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.network.NetworkStatus;
import dev.ctr.lifecycle.network.PortMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code podman inspect} says of a container, under the same keys (libpod/define/container_inspect.go). */
final class Inspection {
    private static final int UNSET = -1;
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
        json.set("NetworkSettings", networkSettings());
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

    private ObjectNode state() {
        ContainerStatus status = state.status();
        boolean restorable = CheckpointFiles.isRestorable(paths);
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
        json.putObject("Health").put("Status", "").put("FailingStreak", 0).putNull("Log");
        json.put("CgroupPath", engine.cgroup(config).path());
        json.put("CheckpointedAt", time(state.checkpointedAt()));
        json.put("RestoredAt", time(state.restoredAt()));
        json.put("Checkpointed", state.checkpointed());
        json.put("Restored", state.restored());
        putIf(json, "CheckpointPath", paths.checkpoint(), restorable);
        putIf(json, "CheckpointLog", paths.bundle().resolve("dump.log"), true);
        putIf(json, "RestoreLog", paths.bundle().resolve("restore.log"), true);
        json.put("StoppedByUser", state.stoppedByUser());
        return json;
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

    private ObjectNode networkSettings() throws IOException {
        Map<String, NetworkStatus> status = new ContainerResources(engine, config).networkStatus();
        ObjectNode json = endpoint(status.values().stream().findFirst());
        json.put("Bridge", "");
        json.put("SandboxID", "");
        json.put("HairpinMode", false);
        json.put("LinkLocalIPv6Address", "");
        json.put("LinkLocalIPv6PrefixLen", 0);
        json.set("Ports", ports());
        json.put("SandboxKey", status.isEmpty() ? "" : paths.networkNamespace().toString());
        ObjectNode networks = json.putObject("Networks");
        config.networks().forEach((name, join) -> {
            ObjectNode network = endpoint(Optional.ofNullable(status.get(name)));
            network.put("NetworkID", name);
            network.putNull("DriverOpts");
            network.putNull("IPAMConfig");
            network.putNull("Links");
            network.set("Aliases", Json.array(join.aliases()));
            networks.set(name, network);
        });
        return json;
    }

    private static ObjectNode endpoint(Optional<NetworkStatus> status) {
        ObjectNode json = Json.object();
        Optional<NetworkStatus.Address> address =
                status.flatMap(found -> found.addresses().stream().findFirst());
        json.put("EndpointID", "");
        json.put("Gateway", address.map(NetworkStatus.Address::gateway).orElse(""));
        json.put("IPAddress", address.map(NetworkStatus.Address::ip).orElse(""));
        json.put("IPPrefixLen", address.map(Inspection::prefixLength).orElse(0));
        json.put("IPv6Gateway", "");
        json.put("GlobalIPv6Address", "");
        json.put("GlobalIPv6PrefixLen", 0);
        json.put(
                "MacAddress",
                status.flatMap(found -> found.interfaces().values().stream().findFirst())
                        .map(NetworkStatus.NetworkInterfaceStatus::macAddress)
                        .orElse(""));
        return json;
    }

    private static int prefixLength(NetworkStatus.Address address) {
        int slash = address.ipnet().indexOf('/');
        return slash < 0 ? 0 : Integer.parseInt(address.ipnet().substring(slash + 1));
    }

    ObjectNode ports() {
        ObjectNode ports = Json.object();
        for (PortMapping port : config.ports()) {
            for (int i = 0; i < port.range(); i++) {
                ports.withArrayProperty(port.containerPort() + i + "/" + port.protocol())
                        .addObject()
                        .put("HostIp", port.hostIp())
                        .put("HostPort", Integer.toString(port.hostPort() + i));
            }
        }
        return ports;
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
        json.put("Umask", "0022");
        json.put("Timeout", 0);
        json.put("StopTimeout", config.stopTimeout().toSeconds());
        json.put("Passwd", true);
        json.put("sdNotifyMode", "container");
        return json;
    }

    private ObjectNode hostConfiguration() throws IOException {
        ObjectNode json = Json.object();
        json.set(
                "Binds",
                Json.array(config.namedVolumes().stream()
                        .map(volume ->
                                volume.name() + ":" + volume.destination() + ":" + String.join(",", volume.options()))
                        .toList()));
        json.put("CgroupManager", engine.options().cgroupManager().word());
        json.put("CgroupMode", NamespaceMode.word(config, NamespaceKind.CGROUP));
        json.put("ContainerIDFile", "");
        ObjectNode log = json.putObject("LogConfig");
        log.put("Type", config.logDriver()).putNull("Config");
        log.put("Path", paths.log().toString()).put("Tag", "").put("Size", "0B");
        json.put("NetworkMode", config.networkMode());
        json.set("PortBindings", ports());
        json.putObject("RestartPolicy")
                .put("Name", config.restartPolicy().equals("no") ? "" : config.restartPolicy())
                .put("MaximumRetryCount", config.restartRetries());
        json.put("AutoRemove", config.removeOnExit());
        json.put("VolumeDriver", "");
        json.putNull("VolumesFrom");
        json.putArray("CapAdd");
        json.putArray("CapDrop");
        json.set("Dns", Json.array(config.dnsServers()));
        json.set("DnsOptions", Json.array(config.dnsOptions()));
        json.set("DnsSearch", Json.array(config.dnsSearches()));
        json.set("ExtraHosts", Json.array(config.addedHosts()));
        json.putArray("GroupAdd");
        json.put("IpcMode", NamespaceMode.word(config, NamespaceKind.IPC));
        json.put("Cgroup", "");
        json.put("Cgroups", "default");
        json.putNull("Links");
        json.put("OomScoreAdj", 0);
        json.put("PidMode", NamespaceMode.word(config, NamespaceKind.PID));
        json.put("Privileged", config.privileged());
        json.put("PublishAllPorts", false);
        json.put("ReadonlyRootfs", config.spec().path("root").path("readonly").asBoolean());
        json.putArray("SecurityOpt");
        json.putObject("Tmpfs");
        json.put("UTSMode", NamespaceMode.word(config, NamespaceKind.UTS));
        String userNamespace = NamespaceMode.word(config, NamespaceKind.USER);
        json.put("UsernsMode", userNamespace.equals("host") ? "" : userNamespace);
        json.put("ShmSize", config.shmBytes());
        json.put("Runtime", "oci");
        json.putArray("ConsoleSize").add(0).add(0);
        json.put("Isolation", "");
        json.put("CgroupParent", config.cgroupParent());
        json.putArray("Devices");
        json.put("DiskQuota", 0);
        putResources(json);
        putUlimits(json);
        for (String onlyOnWindows : List.of("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth")) {
            json.put(onlyOnWindows, 0);
        }
        json.putNull("CgroupConf");
        return json;
    }

    private void putResources(ObjectNode json) {
        JsonNode resources = config.spec().path("linux").path("resources");
        JsonNode cpu = resources.path("cpu");
        long period = cpu.path("period").asLong();
        long quota = cpu.path("quota").asLong();
        json.put("NanoCpus", period == 0 ? 0 : quota * 1_000_000_000 / period);
        json.put("CpuPeriod", period);
        json.put("CpuQuota", quota);
        json.put("CpuRealtimePeriod", cpu.path("realtimePeriod").asLong());
        json.put("CpuRealtimeRuntime", cpu.path("realtimeRuntime").asLong());
        json.put("CpuShares", cpu.path("shares").asLong());
        json.put("CpusetCpus", cpu.path("cpus").asText(""));
        json.put("CpusetMems", cpu.path("mems").asText(""));
        JsonNode memory = resources.path("memory");
        json.put("Memory", memory.path("limit").asLong());
        json.put("MemoryReservation", memory.path("reservation").asLong());
        json.put("MemorySwap", memory.path("swap").asLong());
        json.put("MemorySwappiness", memory.path("swappiness").asLong(memory.isEmpty() ? 0 : UNSET));
        json.put("KernelMemory", memory.path("kernel").asLong());
        json.put("OomKillDisable", memory.path("disableOOMKiller").asBoolean());
        json.put("PidsLimit", resources.path("pids").path("limit").asLong());
        json.put("BlkioWeight", resources.path("blockIO").path("weight").asLong());
        for (String unused :
                List.of("WeightDevice", "DeviceReadBps", "DeviceWriteBps", "DeviceReadIOps", "DeviceWriteIOps")) {
            json.putNull("Blkio" + unused);
        }
    }

    private void putUlimits(ObjectNode json) {
        ArrayNode limits = json.putArray("Ulimits");
        for (JsonNode limit : config.spec().path("process").path("rlimits")) {
            limits.addObject()
                    .put("Name", limit.path("type").asText())
                    .put("Soft", limit.path("soft").asLong())
                    .put("Hard", limit.path("hard").asLong());
        }
    }
}
