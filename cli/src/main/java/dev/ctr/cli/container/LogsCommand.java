package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.LogOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
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

    @Option(names = "--color", description = "Give each container's lines a colour of their own")
    private boolean color;

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
        List<LogPrinter> printers = IntStream.range(0, targets.size())
                .mapToObj(index -> printer(targets.get(index), index, targets.size() > 1))
                .toList();
        if (follow && targets.size() > 1) {
            return followAll(targets, printers, options);
        }
        return ctr.each(
                targets, target -> target.container().logs(options, printers.get(targets.indexOf(target))));
    }

    private LogPrinter printer(Target target, int index, boolean several) {
        Container container = target.container();
        String prefix =
                !several ? "" : (names ? container.name() : container.id().abbreviated()) + " ";
        return color
                ? LogPrinter.colored(ctr.streams(), prefix, timestamps, index)
                : LogPrinter.plain(ctr.streams(), prefix, timestamps);
    }

    /** Follows each in a thread of its own; whole lines are printed one at a time. */
    private int followAll(List<Target> targets, List<LogPrinter> printers, LogOptions options) {
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            LogPrinter printer = printers.get(i);
            FutureTask<Integer> task = new FutureTask<>(() -> ctr.each(
                    List.of(target), one -> one.container().logs(options, line -> {
                        synchronized (printers) {
                            printer.accept(line);
                        }
                    })));
            Thread thread = new Thread(task, "logs-" + i);
            thread.setDaemon(true);
            thread.start();
            tasks.add(task);
        }
        int last = ExitCode.OK;
        for (FutureTask<Integer> task : tasks) {
            int code = result(task);
            last = code == ExitCode.OK ? last : code;
        }
        return last;
    }

    private static int result(FutureTask<Integer> task) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while following logs");
        }
    }
}
