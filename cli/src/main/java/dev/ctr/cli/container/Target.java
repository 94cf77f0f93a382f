package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.Engine;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A container that a command is to act on.
 *
 * @param shown what to print for it: what the user typed, or its full ID
 * @param lookup finds it, or fails with NO_SUCH_CONTAINER
 */
public record Target(String shown, Supplier<Container> lookup) {

    public Container container() {
        return lookup.get();
    }

    /** A container the user named. */
    public static Target named(Engine engine, String nameOrId) {
        return new Target(nameOrId, () -> engine.container(nameOrId));
    }

    /** A container that was found. */
    public static Target found(Container container) {
        return new Target(container.id().hex(), () -> container);
    }

    /** The containers that fit, oldest first. */
    public static List<Target> all(Engine engine, Predicate<Container> fits) {
        return engine.containers().stream().filter(fits).map(Target::found).toList();
    }

    /**
     * The container that was created last.
     *
     * @throws Failure if there is none
     */
    public static Target latest(Engine engine) {
        return engine.containers().stream()
                .max(Comparator.comparing(container -> container.config().createdAt()))
                .map(Target::found)
                .orElseThrow(() -> new Failure("no containers to choose the latest of"));
    }
}
