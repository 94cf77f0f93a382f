package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which containers: by name, all that fit, or the latest. */
public final class Selection {
    @Option(
            names = {"-a", "--all"},
            description = "All containers for which it makes sense")
    private boolean all;

    @Option(
            names = {"-l", "--latest"},
            description = "The container that was created last")
    private boolean latest;

    @Parameters(paramLabel = "CONTAINER", description = "Names, IDs or unambiguous beginnings of IDs")
    private List<String> names = new ArrayList<>();

    public boolean all() {
        return all;
    }

    public boolean latest() {
        return latest;
    }

    public List<String> names() {
        return List.copyOf(names);
    }

    /** What the user typed for a container: its name or ID, or nothing when it was not named. */
    public String typed(Target target) {
        return names.isEmpty() ? "" : target.shown();
    }

    /**
     * Refuses what contradicts itself.
     *
     * @throws Failure in podman's words
     */
    public void check() {
        if (all && latest) {
            throw new Failure("--all and --latest cannot be used together");
        }
        if (!names.isEmpty()) {
            if (latest) {
                throw new Failure("--latest and containers cannot be used together");
            }
            if (all) {
                throw new Failure("no arguments are needed with --all");
            }
        }
    }

    /** As {@link #check}, and something must have been named. */
    public void checkNotEmpty() {
        check();
        if (names.isEmpty() && !all && !latest) {
            throw new Failure("you must provide at least one name or id");
        }
    }

    /**
     * The containers.
     *
     * @param whenAll which of them {@code --all} means
     */
    public List<Target> targets(Engine engine, Predicate<Container> whenAll) {
        checkNotEmpty();
        if (all) {
            return Target.all(engine, whenAll);
        }
        if (latest) {
            return List.of(Target.latest(engine));
        }
        return names.stream().map(name -> Target.named(engine, name)).toList();
    }
}
