package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Changes the limits of a container's cgroup: at once if it has one, and in its configuration for every later start. */
final class Update {
    private final LockedContainer container;

    Update(LockedContainer container) {
        this.container = container;
    }

    /** Changes what is set, and returns what could not be done as asked, one sentence each. */
    List<String> run(ResourceOptions asked) throws IOException, InterruptedException {
        ContainerStatus status = container.state().status();
        if (status == ContainerStatus.REMOVING) {
            throw container.stateImproper("container " + container.id() + " is being removed, cannot update");
        }
        List<String> warnings = new ArrayList<>();
        ObjectNode changes = new ResourceSpec(asked, container.config().privileged(), warnings::add).changes();
        if (status.isAlive() || status == ContainerStatus.CREATED) {
            apply(changes);
        }
        container.save(container
                .config()
                .with(json -> merge(
                        json.withObjectProperty("spec")
                                .withObjectProperty("linux")
                                .withObjectProperty("resources"),
                        changes)));
        return warnings;
    }

    private void apply(ObjectNode changes) throws IOException, InterruptedException {
        Path file = container.paths().runDirectory().resolve("resources.json");
        Files.write(file, Json.pretty(changes));
        try {
            container.runtime().update(container.id(), file);
        } catch (EngineException e) {
            // A program that ended meanwhile has no cgroup to change: the next start gets the new limits.
            container.synchronize();
            if (container.state().status().isAlive()) {
                throw e;
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void merge(ObjectNode into, ObjectNode changes) {
        for (Map.Entry<String, JsonNode> change : changes.properties()) {
            if (change.getValue() instanceof ObjectNode below) {
                merge(into.withObjectProperty(change.getKey()), below);
            } else {
                into.set(change.getKey(), change.getValue());
            }
        }
    }
}
