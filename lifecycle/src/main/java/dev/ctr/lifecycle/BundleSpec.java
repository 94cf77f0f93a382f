package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.CriuConfigurationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Completes a container's OCI specification with what belongs to this host: the mounted root, the bind mounts of
 * generated files, volumes and /dev/shm, the network namespace, the cgroup, and the user as the root file system knows it.
 */
final class BundleSpec {
    /** What the engine itself mounts into every container, and the file in the run directory that it mounts. */
    private static final Map<String, String> GENERATED = Map.of(
            "/etc/hosts", "hosts",
            "/etc/hostname", "hostname",
            "/etc/resolv.conf", "resolv.conf",
            "/run/.containerenv", ".containerenv");

    /** What it mounts into some. */
    private static final Set<String> GENERATED_AT_TIMES =
            Set.of(InitProgram.PLACE, LocalTime.PLACE, "/etc/passwd", "/etc/group");

    private static final String SHM = "/dev/shm";

    /** The annotation by which runc finds the configuration file of a container's dumps and restores. */
    static final String CRIU_CONFIGURATION = CriuConfigurationFile.ANNOTATION;

    /** The annotation that says whose container it is. */
    static final String MANAGER = "io.container.manager";

    private final EngineContext engine;
    private final ContainerConfig config;
    private final ContainerPaths paths;
    private final ContainerResources resources;
    private final SharedPlaces places;

    BundleSpec(EngineContext engine, ContainerConfig config, ContainerResources resources) {
        this.engine = engine;
        this.config = config;
        this.paths = engine.store().paths(config.id());
        this.resources = resources;
        this.places = new SharedPlaces(engine.store(), config);
    }

    /** The file of this host that CRIU's options for the next dump or restore are written to. */
    static Path criuConfiguration(ContainerPaths paths) {
        return paths.runDirectory().resolve("criu.conf");
    }

    /** The places inside the container whose content is generated on every host anew. */
    static Set<String> generatedPlaces() {
        return GENERATED.keySet();
    }

    /** Whether a mount of a specification is one that the engine adds on every host anew. */
    static boolean isGenerated(String destination) {
        return GENERATED.containsKey(destination)
                || GENERATED_AT_TIMES.contains(destination)
                || destination.equals(SHM)
                || destination.equals("/run/secrets")
                || destination.startsWith("/var/run/");
    }

    ObjectNode complete() throws IOException {
        ObjectNode spec = config.spec().deepCopy();
        Path root = resources.rootFilesystem().path();
        spec.withObjectProperty("root").put("path", root.toString());
        addMounts(spec);
        ObjectNode linux = spec.withObjectProperty("linux");
        linux.put("cgroupsPath", engine.cgroup(config).path());
        completeNamespaces(linux.withArrayProperty("namespaces"));
        if (!config.ownsNamespace(NamespaceKind.UTS)) {
            // The hostname is that of whoever has the namespace.
            spec.remove("hostname");
        }
        ObjectNode process = spec.withObjectProperty("process");
        completeUser(process, root);
        Ulimits.lower(process.path("rlimits"));
        OomScore.raise(process);
        spec.withObjectProperty("annotations")
                .put(MANAGER, "ctr")
                .put(CRIU_CONFIGURATION, criuConfiguration(paths).toString());
        return spec;
    }

    private void addMounts(ObjectNode spec) throws IOException {
        ArrayNode mounts = spec.withArrayProperty("mounts");
        for (JsonNode mount : mounts) {
            List<String> options = VolumeOptions.forRuntime(Json.strings(mount.path("options")));
            ((ObjectNode) mount).set("options", Json.array(options));
        }
        for (ContainerConfig.NamedVolume volume : config.namedVolumes()) {
            if (!volume.options().contains(VolumeOptions.OVERLAY)) {
                replace(mounts, resources.filledVolume(volume), volume.destination(), volumeOptions(volume));
            }
        }
        new OverlayMounts(engine, config).addTo(mounts);
        List<String> shared = List.of("bind", "rprivate");
        for (Map.Entry<String, Path> generated : generatedMounts().entrySet()) {
            if (!has(mounts, generated.getKey())) {
                bind(mounts, generated.getValue(), generated.getKey(), shared);
            }
        }
        if (config.init()) {
            Path program = InitProgram.find(config.initProgram());
            replace(mounts, program, InitProgram.PLACE, List.of("bind", "rprivate", "ro"));
        }
        Optional<Path> shm = places.shm();
        if (!has(mounts, SHM) && shm.isPresent()) {
            bind(mounts, shm.get(), SHM, List.of("bind", "rprivate", "nosuid", "noexec", "nodev"));
        }
        sort(mounts);
    }

    /** The files that this host has made for the container, by their places in it. */
    private Map<String, Path> generatedMounts() throws IOException {
        Map<String, Path> files = new TreeMap<>();
        for (Map.Entry<String, String> generated : GENERATED.entrySet()) {
            Path file = generatedFile(generated.getValue());
            if (!isFromImage(generated.getKey()) && Files.exists(file)) {
                files.put(generated.getKey(), file);
            }
        }
        if (config.timezone().isPresent()) {
            files.put(LocalTime.PLACE, paths.runDirectory().resolve("localtime"));
        }
        files.putAll(resources.passwordFiles().mounts());
        return files;
    }

    private boolean isFromImage(String place) {
        return switch (place) {
            case "/etc/hosts" -> config.usesImageHosts();
            case "/etc/resolv.conf" -> config.usesImageResolvConf();
            default -> false;
        };
    }

    private Path generatedFile(String name) throws IOException {
        boolean ofNetwork = name.equals("hosts") || name.equals("resolv.conf");
        return (ofNetwork ? places.networkFiles() : paths.runDirectory()).resolve(name);
    }

    private static List<String> volumeOptions(ContainerConfig.NamedVolume volume) {
        return VolumeOptions.forRuntime(
                volume.options().isEmpty() ? VolumeOptions.ofVolume(List.of()) : volume.options());
    }

    /** Adds a bind mount in place of whatever the specification mounts there. */
    static void replace(ArrayNode mounts, Path source, String destination, List<String> options) {
        remove(mounts, destination);
        bind(mounts, source, destination, options);
    }

    /** Puts parents before what is mounted inside them. */
    private static void sort(ArrayNode mounts) {
        List<JsonNode> sorted = new ArrayList<>();
        mounts.forEach(sorted::add);
        sorted.sort(Comparator.comparingInt(
                mount -> Path.of(mount.path("destination").asText()).getNameCount()));
        mounts.removeAll().addAll(sorted);
    }

    private static void bind(ArrayNode mounts, Path source, String destination, List<String> options) {
        mounts.addObject()
                .put("destination", destination)
                .put("type", "bind")
                .put("source", source.toString())
                .set("options", Json.array(options));
    }

    private static boolean has(ArrayNode mounts, String destination) {
        for (JsonNode mount : mounts) {
            if (mount.path("destination").asText().equals(destination)) {
                return true;
            }
        }
        return false;
    }

    private static void remove(ArrayNode mounts, String destination) {
        for (int i = mounts.size() - 1; i >= 0; i--) {
            if (mounts.get(i).path("destination").asText().equals(destination)) {
                mounts.remove(i);
            }
        }
    }

    private void completeNamespaces(ArrayNode namespaces) throws IOException {
        boolean hasCgroup = false;
        for (JsonNode namespace : namespaces) {
            String type = namespace.path("type").asText();
            hasCgroup |= type.equals("cgroup");
            if (type.equals("network") && config.ownsNetworkNamespace()) {
                ((ObjectNode) namespace).put("path", paths.networkNamespace().toString());
            }
        }
        if (!hasCgroup && NamespaceMode.hasCgroupNamespaceByDefault(config)) {
            namespaces.addObject().put("type", "cgroup");
        }
    }

    private void completeUser(ObjectNode process, Path root) throws IOException {
        RootUsers users = RootUsers.of(root);
        RootUsers.User user = users.find(config.user());
        ObjectNode json = process.withObjectProperty("user");
        json.put("uid", user.uid()).put("gid", user.gid());
        Set<Long> groups = new LinkedHashSet<>(user.groups());
        for (String group : config.groups()) {
            groups.add(users.groupNumber(group));
        }
        if (!groups.isEmpty()) {
            ArrayNode all = json.putArray("additionalGids");
            groups.forEach(all::add);
        }
        if (config.environment().stream().noneMatch(variable -> variable.startsWith("HOME="))) {
            process.withArrayProperty("env").add("HOME=" + user.home());
        }
    }

    /** Writes it where the runtime looks for it. */
    void write(ObjectNode spec) throws IOException {
        Files.write(paths.bundle().resolve("config.json"), Json.pretty(spec));
    }
}
