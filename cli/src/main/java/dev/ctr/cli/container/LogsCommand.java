package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.LogOptions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr logs}: prints what containers wrote. */
@Command(
        name = "logs",
        description = "Print what containers wrote",
        footer = {
            "",
            "Examples:",
            "  ctr logs web",
            "  ctr logs --follow --tail 10 web",
            "  ctr logs --since 10m --timestamps web"
        })
public final class LogsCommand extends Verb {
    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the container has ended")
    private boolean follow;

    @Option(names = "--tail", paramLabel = "LINES", defaultValue = "-1", description = "Only the last so many lines")
    private long tail = -1;

    @Option(
            names = {"-t", "--timestamps"},
            description = "Print when each line was written")
    private boolean timestamps;

    @Option(names = "--since", paramLabel = "TIME", description = "Only from this time on, or since so long ago")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only before this time, or until so long ago")
    private @Nullable String until;

    @Option(
            names = {"-n", "--names"},
            description = "With several containers: print names in place of IDs")
    private boolean names;

    @Mixin
    private LatestOrNamed selection = new LatestOrNamed();

    public LogsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Instant now = Instant.now();
        LogOptions options = new LogOptions(
                follow,
                tail,
                Optional.ofNullable(since).map(time -> Moments.parse(time, now)),
                Optional.ofNullable(until).map(time -> Moments.parse(time, now)));
        List<Target> targets = selection.targets(ctr.engine(), "specify at least one container name or ID to log");
        boolean several = targets.size() > 1;
        if (several && follow) {
            throw new Failure("cannot follow the logs of several containers at once");
        }
        return ctr.each(targets, target -> {
            Container container = target.container();
            String prefix =
                    !several ? "" : (names ? container.name() : container.id().abbreviated()) + " ";
            container.logs(options, new LogPrinter(ctr.streams(), prefix, timestamps));
        });
    }
}
