package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.terminal.Attachment;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.DetachKeys;
import dev.ctr.lifecycle.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code ctr run}: creates a container and starts it, with its streams connected unless told to detach. What a checkpoint image
 * holds is restored, and left to itself.
 */
@Command(
        name = "run",
        description = "Create a container and start it",
        footer = {
            "",
            "Examples:",
            "  ctr run -d --name web -p 8080:80 nginx",
            "  ctr run --rm -it alpine sh",
            "  ctr run -d --name db -v data:/data redis redis-server --appendonly yes",
            "  ctr run --rm --rootfs /srv/alpine:O cat /etc/os-release",
            "  ctr run web-checkpoint"
        })
public final class RunCommand extends Verb {
    private static final Set<String> STREAMS = Set.of("stdin", "stdout", "stderr");

    @Option(
            names = {"-d", "--detach"},
            description = "Leave the container to itself and print its ID")
    private boolean detach;

    @Option(
            names = {"-a", "--attach"},
            paramLabel = "STREAM",
            split = ",",
            description = "Connect only stdin, stdout or stderr")
    private List<String> attach = new ArrayList<>();

    @Option(
            names = "--sig-proxy",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Pass signals on to the container when attached (default: true)")
    private boolean signalProxy = true;

    @Mixin
    private DetachKeysFlag detachKeys = new DetachKeysFlag();

    @Mixin
    private CreateFlags flags = new CreateFlags();

    public RunCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        check();
        DetachKeys keys = detachKeys.keys();
        CreateOptions options = NewContainer.prepare(ctr, flags);
        Optional<Image> checkpoint = CheckpointRun.image(ctr, flags);
        if (checkpoint.isPresent()) {
            Container restored = new CheckpointRun(ctr, flags).restore(checkpoint.get());
            ctr.output().line(restored.id().hex());
            return ExitCode.OK;
        }
        Container container = NewContainer.create(ctr, flags, options);
        try {
            if (!detach) {
                return attached(container, keys);
            }
            container.start();
        } catch (RuntimeException e) {
            throw undone(container, e);
        }
        ctr.output().line(container.id().hex());
        return ExitCode.OK;
    }

    private void check() {
        if (detach && !attach.isEmpty()) {
            throw new Failure("cannot specify both --attach and --detach");
        }
        for (String stream : attach) {
            if (!STREAMS.contains(stream.toLowerCase(Locale.ROOT))) {
                throw new Failure(
                        "invalid stream \"" + stream + "\" for --attach - must be one of stdin, stdout, or stderr");
            }
        }
    }

    private int attached(Container container, DetachKeys keys) {
        boolean passes = flags.log.passesThrough();
        return Attachment.of(ctr)
                .terminal(flags.terminal)
                .input(!passes && (attach.isEmpty() ? flags.interactive : attaches("stdin")))
                .output(attach.isEmpty() || attaches("stdout"))
                .errors(attach.isEmpty() || attaches("stderr"))
                .detachKeys(keys)
                .passSignalsTo(signalProxy ? container::kill : Attachment.NO_SIGNALS)
                .run(container::startAndAttach);
    }

    private boolean attaches(String stream) {
        return attach.stream().anyMatch(stream::equalsIgnoreCase);
    }

    /** The failure, after what {@code --rm} asked to be gone is gone. */
    private RuntimeException undone(Container container, RuntimeException failure) {
        if (flags.removeOnExit) {
            try {
                Removal.afterFailedStart(container);
            } catch (RuntimeException e) {
                failure.addSuppressed(e);
            }
        }
        return failure;
    }
}
