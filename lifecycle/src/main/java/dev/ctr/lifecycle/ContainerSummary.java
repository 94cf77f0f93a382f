package dev.ctr.lifecycle;

import dev.ctr.lifecycle.network.PortMapping;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a list of containers says about one; no environment and nothing else that may be secret.
 *
 * @param imageName as it was given, empty for a plain directory
 * @param imageId 64 hexadecimal digits
 * @param pid the program's process number on its host, 0 when it does not run
 * @param networks their names, in the order of joining
 * @param mounts the places of its volumes, inside the container
 * @param infra whether it only holds a pod's namespaces
 * @param autoRemove whether its end is also its removal
 */
public record ContainerSummary(
        ContainerId id,
        String name,
        Optional<String> imageName,
        Optional<String> imageId,
        List<String> command,
        ContainerStatus status,
        int exitCode,
        long pid,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        List<PortMapping> ports,
        Map<String, String> labels,
        List<String> networks,
        List<String> mounts,
        Optional<PodId> pod,
        boolean infra,
        boolean autoRemove) {

    /** Of a container that is configured so and in this state. */
    public static ContainerSummary of(ContainerConfig config, ContainerState state) {
        List<String> mounts = new ArrayList<>();
        config.toJson().path("userVolumes").forEach(place -> mounts.add(place.asText()));
        return new ContainerSummary(
                config.id(),
                config.name(),
                config.imageName(),
                config.imageId(),
                config.command(),
                state.status(),
                state.exitCode(),
                state.pid(),
                config.createdAt(),
                state.startedAt(),
                state.finishedAt(),
                config.ports(),
                config.labels(),
                List.copyOf(config.networks().keySet()),
                mounts,
                config.pod(),
                config.isInfra(),
                config.removeOnExit());
    }
}
