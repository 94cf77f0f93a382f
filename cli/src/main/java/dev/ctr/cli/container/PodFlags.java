package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.PodOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which pod a container that is to be created joins. */
final class PodFlags {
    private static final String NEW = "new:";

    @Option(
            names = "--pod",
            paramLabel = "POD",
            description = "The pod to join; new:NAME makes it, with the network that is asked for here")
    private @Nullable String pod;

    @Option(names = "--pod-id-file", paramLabel = "FILE", description = "The file that holds the ID of the pod to join")
    private @Nullable Path idFile;

    /** Whether the pod is made first, and so has what the network flags ask for. */
    boolean makesNew() {
        return pod != null && pod.startsWith(NEW);
    }

    /** Creates the container, and before it the pod if that is to be a new one; if the container fails, both are gone. */
    Container create(Invocation ctr, CreateFlags flags, CreateOptions options) {
        check(flags);
        if (!makesNew()) {
            name().ifPresent(options::pod);
            return ctr.engine().create(options);
        }
        Pod made = make(ctr, flags);
        try {
            return ctr.engine().create(options.pod(made.id().hex()));
        } catch (RuntimeException e) {
            try {
                made.remove(true, Optional.empty());
            } catch (RuntimeException remains) {
                e.addSuppressed(remains);
            }
            throw e;
        }
    }

    private Pod make(Invocation ctr, CreateFlags flags) {
        PodOptions options = new PodOptions().createCommand(CreateFlags.commandLine(ctr));
        String name = name().orElse("").substring(NEW.length());
        if (!name.isEmpty()) {
            options.name(name);
        }
        flags.network.addTo(options.infraContainer(), ctr);
        return ctr.engine().createPod(options);
    }

    private void check(CreateFlags flags) {
        if (pod != null && idFile != null) {
            throw new Failure("cannot specify both --pod and --pod-id-file");
        }
        if (name().isPresent() && flags.namespaces.user != null) {
            throw new Failure("--userns and --pod cannot be set together");
        }
    }

    /** The pod, by name or ID. */
    Optional<String> name() {
        return idFile == null ? Optional.ofNullable(pod) : Optional.of(read(idFile));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read the pod ID file " + file + ": " + e.getMessage(), e);
        }
    }
}
