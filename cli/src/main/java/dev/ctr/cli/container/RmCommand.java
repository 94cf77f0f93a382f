package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr rm}: removes containers. Exit code 1 if one does not exist, 2 if one runs and force was not asked for. */
@Command(
        name = "rm",
        description = "Remove containers",
        footer = {"", "Examples:", "  ctr rm web", "  ctr rm --force --volumes web db", "  ctr rm --all"})
public final class RmCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Stop or kill it first if it lives; implies --ignore")
    private boolean force;

    @Option(
            names = {"-v", "--volumes"},
            description = "Remove its anonymous volumes too")
    private boolean volumes;

    @Option(
            names = {"-i", "--ignore"},
            description = "Pass over containers that do not exist")
    private boolean ignore;

    @Option(names = "--depend", description = "Remove the containers that depend on it first")
    private boolean depend;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "With --force: how long to wait for its end before killing it")
    private @Nullable Integer time;

    @Mixin
    private Selection selection = new Selection();

    public RmCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (time != null && !force) {
            throw new Failure("--force option must be specified to use the --time option");
        }
        List<Target> targets = new ArrayList<>(selection.targets(ctr.engine(), container -> true));
        if (selection.all()) {
            // What depends on others is younger than they are.
            Collections.reverse(targets);
        }
        return ctr.each(targets, this::remove, ExitCode::ofRemoval);
    }

    private void remove(Target target) {
        try {
            Optional<Duration> timeout = Optional.ofNullable(time).map(Duration::ofSeconds);
            if (depend) {
                target.container()
                        .removeWithDependents(force, volumes, timeout)
                        .forEach(removed -> ctr.output().line(removed.hex()).flush());
                return;
            }
            target.container().remove(force, volumes, timeout);
            ctr.output().line(target.shown()).flush();
        } catch (EngineException e) {
            if (!(ignore || force) || e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }
}
