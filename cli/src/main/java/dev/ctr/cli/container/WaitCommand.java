package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.value.Durations;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr wait}: waits until containers have ended, or are in a state, and prints their exit codes. */
@Command(
        name = "wait",
        description = "Wait until containers have ended, and print their exit codes",
        footer = {"", "Examples:", "  ctr wait web", "  ctr wait --condition running --interval 50ms web"})
public final class WaitCommand extends Verb {
    private static final Set<ContainerStatus> ENDED = EnumSet.of(ContainerStatus.STOPPED, ContainerStatus.EXITED);
    private static final int NO_EXIT_CODE = -1;

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "DURATION",
            defaultValue = "250ms",
            description = "How often to look, for conditions other than stopped (default: 250ms)")
    private String interval = "250ms";

    @Option(
            names = "--condition",
            paramLabel = "STATE",
            split = ",",
            description = "What to wait for (default: stopped)")
    private List<String> conditions = new ArrayList<>();

    @Option(names = "--ignore", description = "Print -1 for containers that do not exist")
    private boolean ignore;

    @Mixin
    private LatestOrNamed selection = new LatestOrNamed();

    public WaitCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Duration pause =
                interval.matches("\\d+") ? Duration.ofMillis(Long.parseLong(interval)) : Durations.parse(interval);
        Set<ContainerStatus> awaited = awaited();
        return ctr.each(
                selection.targets(ctr.engine(), "\"ctr wait\" requires a name, id, or the \"--latest\" flag"),
                target -> ctr.output()
                        .line(String.valueOf(await(target, awaited, pause)))
                        .flush());
    }

    private Set<ContainerStatus> awaited() {
        Set<ContainerStatus> awaited = EnumSet.noneOf(ContainerStatus.class);
        for (String condition : conditions) {
            awaited.add(Arrays.stream(ContainerStatus.values())
                    .filter(status -> named(status).equals(condition))
                    .findFirst()
                    .orElseThrow(() -> new Failure("unknown container state: " + condition)));
        }
        return awaited;
    }

    /** As podman spells conditions: a container that was only created is {@code configured}. */
    private static String named(ContainerStatus status) {
        return status == ContainerStatus.CONFIGURED
                ? "configured"
                : status == ContainerStatus.CREATED ? "created" : status.word();
    }

    private int await(Target target, Set<ContainerStatus> awaited, Duration pause) {
        try {
            Container container = target.container();
            return awaited.isEmpty() || ENDED.containsAll(awaited)
                    ? container.waitForExit()
                    : container.waitFor(awaited, pause);
        } catch (EngineException e) {
            if (ignore && e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return NO_EXIT_CODE;
            }
            throw e;
        }
    }
}
