package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.Confirmation;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.storage.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr volume prune}: removes volumes that no container needs. */
@Command(
        name = "prune",
        description = "Remove volumes that no container needs",
        footer = {"", "Examples:", "  ctr volume prune", "  ctr volume prune --force --filter label=tier=test"})
public final class VolumePruneCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Do not ask")
    private boolean force;

    @Option(
            names = {"-a", "--all"},
            description = "Those with a name too, as always")
    @SuppressWarnings("UnusedVariable") // accepted as newer podman does; podman 4.3 and ctr always take all
    private boolean all;

    @Option(
            names = "--filter",
            paramLabel = "KEY=VALUE",
            description = "Only those that fit: label, label!, until, name")
    private List<String> filters = new ArrayList<>();

    @Parameters(hidden = true)
    private List<String> arguments = new ArrayList<>();

    public VolumePruneCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!arguments.isEmpty()) {
            throw new Failure("`ctr volume prune` takes no arguments");
        }
        Predicate<Volume> filter = VolumeFilter.parse(filters, ctr.engine());
        List<String> unused = ctr.engine().volumes().list().stream()
                .filter(filter)
                .map(Volume::name)
                .filter(name -> ctr.engine().usersOfVolume(name).isEmpty())
                .toList();
        if (!force && !Confirmation.of(ctr, warning(unused))) {
            return ExitCode.OK;
        }
        return ctr.each(unused, this::removeUnused);
    }

    private static String warning(List<String> unused) {
        return "WARNING! This will remove all volumes not used by at least one container. The following volumes will be"
                + " removed:\n" + String.join("\n", unused);
    }

    /** One that a container has begun to use meanwhile stays. */
    private void removeUnused(String name) {
        try {
            ctr.engine().volumes().remove(name, ctr.engine()::usersOfVolume);
            ctr.output().line(name).flush();
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.IN_USE && e.code() != EngineException.Code.NO_SUCH_VOLUME) {
                throw e;
            }
        }
    }
}
