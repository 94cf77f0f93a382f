package dev.ctr.cli.image;

import dev.ctr.cli.invocation.Confirmation;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.image.Image;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr image prune}: removes images that no container needs and that have no name. */
@Command(
        name = "prune",
        description = "Remove images that no container needs and that have no name",
        footer = {"", "Examples:", "  ctr image prune", "  ctr image prune --all --force --filter until=240h"})
public final class ImagePruneCommand extends Verb {
    @Option(
            names = {"-a", "--all"},
            description = "Those with a name too")
    private boolean all;

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask")
    private boolean force;

    @Option(names = "--filter", paramLabel = "KEY=VALUE", description = "Only those that fit: label, label!, until")
    private List<String> filters = new ArrayList<>();

    @Parameters(hidden = true)
    private List<String> arguments = new ArrayList<>();

    public ImagePruneCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!arguments.isEmpty()) {
            throw new Failure("`ctr image prune` takes no arguments");
        }
        Predicate<Image> filter = ImageFilter.parse(filters, ctr.engine());
        String warning = all
                ? "WARNING! This command removes all images without at least one container associated with them."
                : "WARNING! This command removes all dangling images.";
        if (!force && !Confirmation.of(ctr, warning)) {
            return ExitCode.OK;
        }
        List<Image> images = ctr.engine().images().list().stream()
                .filter(image -> all || image.names().isEmpty())
                .filter(filter)
                .toList();
        return ctr.each(images, this::removeUnused);
    }

    private void removeUnused(Image image) {
        try {
            ctr.engine().images().remove(image.id().hex(), true, id -> used().contains(id.hex()));
            ctr.output().line(image.id().hex()).flush();
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.IN_USE && e.code() != EngineException.Code.NO_SUCH_IMAGE) {
                throw e;
            }
        }
    }

    private Set<String> used() {
        Set<String> used = new HashSet<>();
        ctr.engine()
                .containers()
                .forEach(container -> container.config().imageId().ifPresent(used::add));
        return used;
    }
}
