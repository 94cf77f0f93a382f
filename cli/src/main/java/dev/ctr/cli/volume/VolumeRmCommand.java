package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.storage.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr volume rm}: removes volumes. Exit code 1 if one does not exist, 2 if one is in use. */
@Command(
        name = "rm",
        description = "Remove volumes",
        footer = {"", "Examples:", "  ctr volume rm data", "  ctr volume rm --all"})
public final class VolumeRmCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Remove the containers that use it too")
    private boolean force;

    @Option(
            names = {"-a", "--all"},
            description = "All volumes")
    private boolean all;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "With --force: how long to wait for a container's end before killing it")
    private @Nullable Integer time;

    @Parameters(paramLabel = "VOLUME", description = "Names")
    private List<String> names = new ArrayList<>();

    public VolumeRmCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (all == !names.isEmpty()) {
            throw new Failure("choose either one or more volumes or all");
        }
        List<String> targets =
                all ? ctr.engine().volumes().list().stream().map(Volume::name).toList() : names;
        return ctr.each(targets, this::remove, ExitCode::ofRemoval);
    }

    private Optional<Duration> timeout() {
        return Optional.ofNullable(time).map(Duration::ofSeconds);
    }

    private void remove(String name) {
        try {
            if (force) {
                ctr.engine()
                        .usersOfVolume(name)
                        .forEach(user -> ctr.engine().container(user).remove(true, false, timeout()));
            }
            ctr.engine().volumes().remove(name, this::users);
            ctr.output().line(name).flush();
        } catch (EngineException e) {
            if (!force || e.code() != EngineException.Code.NO_SUCH_VOLUME) {
                throw e;
            }
        }
    }

    private List<String> users(String volume) {
        return ctr.engine().usersOfVolume(volume).stream()
                .map(user -> ctr.engine().container(user).id().hex())
                .toList();
    }
}
