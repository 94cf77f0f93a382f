package dev.ctr.cli.checkpoint;

import dev.ctr.cli.container.Selection;
import dev.ctr.cli.container.Target;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.image.Image;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code ctr restore} was told to restore by name: containers, checkpoint images, or both. A container's name goes first. */
final class Sources {
    /** Nothing was named. */
    static final Sources NONE = new Sources(List.of(), Map.of());

    private final List<String> names;
    private final Map<String, Kind> kinds;

    private sealed interface Kind {}

    private record OfContainer() implements Kind {}

    private record OfImage(Image image) implements Kind {}

    private record Unknown() implements Kind {}

    private Sources(List<String> names, Map<String, Kind> kinds) {
        this.names = names;
        this.kinds = kinds;
    }

    static Sources of(Engine engine, Selection selection) {
        Map<String, Kind> kinds = new HashMap<>();
        for (String name : selection.names()) {
            kinds.put(name, kind(engine, name));
        }
        return new Sources(selection.names(), kinds);
    }

    private static Kind kind(Engine engine, String name) {
        try {
            engine.container(name);
            return new OfContainer();
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                return new OfContainer();
            }
        }
        return engine.images()
                .find(name)
                .map(image -> (Kind) new OfImage(image))
                .orElseGet(Unknown::new);
    }

    /** Whether {@code --all} means a container: those in this status, but for the infra containers of pods. */
    static boolean isMeantByAll(Container container, ContainerStatus status) {
        return container.state().status() == status && !container.config().isInfra();
    }

    /** Whether there are images, and no container. */
    boolean areImages() {
        return kinds.values().stream().noneMatch(OfContainer.class::isInstance)
                && kinds.values().stream().anyMatch(OfImage.class::isInstance);
    }

    /** Refuses one name for several. */
    void checkName(String name) {
        if (!name.isEmpty() && names.size() > 1) {
            throw new Failure("--name can only be used with one checkpoint image");
        }
    }

    /**
     * The image that a target is; empty for a container.
     *
     * @throws EngineException if it is neither
     */
    Optional<Image> image(Target target) {
        Kind kind = kinds.getOrDefault(target.shown(), new OfContainer());
        if (kind instanceof Unknown) {
            throw new EngineException(
                    EngineException.Code.NO_SUCH_CONTAINER, "no such container or image: " + target.shown());
        }
        return kind instanceof OfImage found ? Optional.of(found.image()) : Optional.empty();
    }
}
