package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerConfig;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.image.ImageId;
import dev.ctr.lifecycle.image.Removal;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr rmi}: removes images. Exit code 1 if one does not exist, 2 if one is in use. */
@Command(
        name = "rmi",
        description = "Remove images",
        footer = {"", "Examples:", "  ctr rmi web", "  ctr rmi --force web db", "  ctr rmi --all"})
public final class RmiCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Remove the containers that use it too, and an ID that has several names")
    private boolean force;

    @Option(
            names = {"-a", "--all"},
            description = "All images")
    private boolean all;

    @Option(
            names = {"-i", "--ignore"},
            description = "Pass over images that do not exist")
    private boolean ignore;

    @Parameters(paramLabel = "IMAGE", description = "Names or IDs")
    private List<String> names = new ArrayList<>();

    public RmiCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (names.isEmpty() && !all) {
            throw new Failure("image name or ID must be specified");
        }
        if (all && !names.isEmpty()) {
            throw new Failure("when using the --all switch, you may not pass any images names or IDs");
        }
        List<String> targets = all
                ? ctr.engine().images().list().stream()
                        .map(image -> image.id().hex())
                        .toList()
                : names;
        return ctr.each(targets, this::remove, ExitCode::ofRemoval);
    }

    private void remove(String name) {
        try {
            if (force) {
                ctr.engine().images().find(name).ifPresent(image -> removeContainersOf(image.id()));
            }
            Removal removal = ctr.engine().images().remove(name, force || all, this::isInUse);
            removal.untagged().forEach(untagged -> ctr.output().line("Untagged: " + untagged));
            if (removal.deleted()) {
                ctr.output().line("Deleted: " + removal.id().hex());
            }
            ctr.output().flush();
        } catch (EngineException e) {
            if (!(ignore || force) || e.code() != EngineException.Code.NO_SUCH_IMAGE) {
                throw e;
            }
        }
    }

    private void removeContainersOf(ImageId image) {
        ctr.engine().containers().stream()
                .filter(container -> uses(container, image))
                .forEach(container -> container.remove(true, true));
    }

    private boolean isInUse(ImageId image) {
        return ctr.engine().containers().stream().anyMatch(container -> uses(container, image));
    }

    private static boolean uses(Container container, ImageId image) {
        ContainerConfig config = container.config();
        return config.imageId().filter(image.hex()::equals).isPresent()
                || config.imageMounts().stream().anyMatch(mount -> mount.image().equals(image.hex()));
    }
}
