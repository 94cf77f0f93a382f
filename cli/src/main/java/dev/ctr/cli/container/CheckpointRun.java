package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestoreResult;
import dev.ctr.lifecycle.image.Image;
import java.util.Optional;

/** {@code ctr run} of a checkpoint image: the container goes on, under its old name unless it is to get another. */
final class CheckpointRun {
    private final Invocation ctr;
    private final CreateFlags flags;

    CheckpointRun(Invocation ctr, CreateFlags flags) {
        this.ctr = ctr;
        this.flags = flags;
    }

    /** The image that is to be run, if it is a checkpoint. */
    static Optional<Image> image(Invocation ctr, CreateFlags flags) {
        return flags.rootfs
                ? Optional.empty()
                : ctr.engine().images().find(flags.arguments.get(0)).filter(ctr.engine()::isCheckpoint);
    }

    Container restore(Image image) {
        if (flags.arguments.size() > 1) {
            throw new Failure("cannot run a command in " + flags.arguments.get(0)
                    + ": it is a checkpoint, whose program goes on; leave the command out");
        }
        RestoreOptions options = new RestoreOptions();
        if (flags.name != null) {
            options.name(flags.name);
        }
        flags.pod.name().ifPresent(options::pod);
        NewContainer.makeRoom(ctr, flags);
        RestoreResult result = ctr.engine().restore(image, options);
        result.warnings().forEach(ctr::warn);
        Container container = ctr.engine().container(result.id().hex());
        NewContainer.writeDownId(container, flags);
        return container;
    }
}
