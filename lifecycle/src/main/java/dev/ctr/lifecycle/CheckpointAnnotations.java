package dev.ctr.lifecycle;

import dev.ctr.criu.Criu;
import dev.ctr.criu.CriuVersion;
import dev.ctr.criu.linux.Programs;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.Platform;
import dev.ctr.lifecycle.runtime.Cgroup;
import dev.ctr.lifecycle.runtime.OciRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the manifest of a checkpoint image says of it: under podman's keys (libpod/define/annotations.go) and under those that
 * CRI-O, containerd and checkpointctl have in common (checkpointctl's {@code lib/metadata.go}, CheckpointAnnotation…).
 */
final class CheckpointAnnotations {
    static final String PODMAN = "io.podman.annotations.checkpoint.";
    static final String COMMON = "org.criu.checkpoint.";

    private static final String RUNTIME = "runtime.name";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Path DISTRIBUTION = Path.of("/etc/os-release");
    private static final Path KERNEL = Path.of("/proc/sys/kernel/osrelease");

    private final Map<String, String> annotations = new TreeMap<>();

    private CheckpointAnnotations() {}

    /** Those of a checkpoint that is made here of a container. */
    static Map<String, String> of(EngineContext engine, ContainerConfig config)
            throws IOException, InterruptedException {
        CheckpointAnnotations all = new CheckpointAnnotations();
        all.addContainer(engine, config);
        all.addHost(engine, config);
        return all.annotations;
    }

    private void addContainer(EngineContext engine, ContainerConfig config) throws IOException {
        annotations.put(PODMAN + "name", config.name());
        annotations.put(COMMON + "container.name", config.name());
        both("rawImageName", config.imageAsGiven());
        both("rootfsImageName", config.imageName().orElse(""));
        both("rootfsImageID", config.imageId().orElse(""));
        annotations.put(COMMON + "rootfsImageUserRequested", config.imageAsGiven());
        if (config.pod().isPresent()) {
            annotations.put(COMMON + "pod.id", config.pod().get().hex());
            annotations.put(
                    COMMON + "pod.name", engine.pods().read(config.pod().get()).name());
        }
    }

    private void addHost(EngineContext engine, ContainerConfig config) throws IOException, InterruptedException {
        annotations.put(COMMON + "engine.name", "ctr");
        annotations.put(
                COMMON + "engine.version",
                Optional.ofNullable(CheckpointAnnotations.class.getPackage().getImplementationVersion())
                        .orElse("development"));
        OciRuntime runtime = engine.runtime(config);
        both(RUNTIME, runtime.name());
        both("runtime.version", runtime.version());
        Path conmon = engine.conmon(config).program();
        both(
                "conmon.version",
                Programs.run(List.of(conmon.toString(), "--version"), Map.of(), PATIENCE)
                        .stdout()
                        .lines()
                        .findFirst()
                        .orElse(""));
        Optional<Criu> criu = Criu.find();
        if (criu.isPresent()) {
            CriuVersion version = criu.get().version();
            both("criu.version", Integer.toString(version.numeric()));
        }
        both("host.arch", Platform.host().arch());
        both("host.kernel", Files.readString(KERNEL).strip());
        String cgroups = Cgroup.isUnified() ? "v2" : "v1";
        annotations.put(PODMAN + "cgroups.version", cgroups);
        annotations.put(COMMON + "cgroup.version", cgroups);
        Map<String, String> distribution = distribution();
        both("distribution.name", distribution.getOrDefault("ID", "unknown"));
        both("distribution.version", distribution.getOrDefault("VERSION_ID", "unknown"));
    }

    private void both(String key, String value) {
        annotations.put(PODMAN + key, value);
        annotations.put(COMMON + key, value);
    }

    /** What os-release(5) says. */
    private static Map<String, String> distribution() throws IOException {
        Map<String, String> words = new LinkedHashMap<>();
        if (Files.exists(DISTRIBUTION)) {
            for (String line : Files.readAllLines(DISTRIBUTION)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    words.put(
                            line.substring(0, equals),
                            line.substring(equals + 1).replaceAll("^[\"']|[\"']$", ""));
                }
            }
        }
        return words;
    }

    /** Whether an image says that it is a checkpoint. */
    static boolean isCheckpoint(Image image) {
        return image.annotations().keySet().stream()
                .anyMatch(key -> key.equals(PODMAN + RUNTIME) || key.startsWith(COMMON));
    }

    /** The container's name when it was checkpointed, as far as the image says it. */
    static Optional<String> containerName(Image image) {
        return find(image, PODMAN + "name").or(() -> find(image, COMMON + "container.name"));
    }

    /**
     * Refuses an image that is no checkpoint, or one of another runtime.
     *
     * @throws EngineException INVALID_ARGUMENT in podman's words
     */
    static void require(Image image, String runtime) {
        if (!isCheckpoint(image)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "image is not a checkpoint: " + image.id().hex());
        }
        String here = Path.of(runtime).getFileName().toString();
        Optional<String> needed = find(image, PODMAN + RUNTIME).or(() -> find(image, COMMON + RUNTIME));
        if (needed.filter(name -> !name.equals(here)).isPresent()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "container image \"" + image.id().hex() + "\" requires runtime: \"" + needed.get() + "\"");
        }
    }

    private static Optional<String> find(Image image, String key) {
        return Optional.ofNullable(image.annotations().get(key));
    }
}
