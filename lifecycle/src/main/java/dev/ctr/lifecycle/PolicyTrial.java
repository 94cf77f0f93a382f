package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Tells what a host's policy would say of a container that runs elsewhere, while nothing of it is here. */
public final class PolicyTrial {
    private PolicyTrial() {}

    /**
     * Why the container would be refused; empty if it would not. Its mounts, namespaces, capabilities, devices and hooks are looked at;
     * what only its checkpoint tells is not.
     *
     * @param config its configuration in libpod's JSON form; may have anything in it
     * @param root the root of the engine that would restore it
     */
    public static Optional<String> refusal(byte[] config, RestorePolicy policy, Path root) {
        try {
            JsonNode json = Json.MAPPER.readTree(config);
            if (!(json instanceof ObjectNode object)) {
                return Optional.of("the container's description is no JSON object");
            }
            ContainerConfig foreign = ContainerConfig.of(object);
            Set<String> volumes = new TreeSet<>();
            foreign.namedVolumes().forEach(volume -> volumes.add(volume.destination()));
            foreign.overlayVolumes().forEach(volume -> volumes.add(volume.destination()));
            foreign.imageMounts().forEach(mount -> volumes.add(mount.destination()));
            new ImportPolicy(policy, root).accept(foreign.spec(), volumes);
            return Optional.empty();
        } catch (EngineException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            return Optional.of("the container's description has a form that is none: " + e.getMessage());
        }
    }
}
