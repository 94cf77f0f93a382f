package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.Engine;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which containers: by name, or the latest. */
final class LatestOrNamed {
    @Option(
            names = {"-l", "--latest"},
            description = "The container that was created last")
    boolean latest;

    @Parameters(paramLabel = "CONTAINER", description = "Names, IDs or unambiguous beginnings of IDs")
    List<String> names = new ArrayList<>();

    /**
     * The containers.
     *
     * @param whenNone the message when none was given
     */
    List<Target> targets(Engine engine, String whenNone) {
        if (latest && !names.isEmpty()) {
            throw new Failure("--latest and containers cannot be used together");
        }
        if (latest) {
            return List.of(Target.latest(engine));
        }
        if (names.isEmpty()) {
            throw new Failure(whenNone);
        }
        return names.stream().map(name -> Target.named(engine, name)).toList();
    }
}
