package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which pods: by name, by files that hold their IDs, all, or the latest. */
final class PodSelection {
    @Option(
            names = {"-a", "--all"},
            description = "All pods")
    private boolean all;

    @Option(
            names = {"-l", "--latest"},
            description = "The pod that was created last")
    private boolean latest;

    @Option(names = "--pod-id-file", paramLabel = "FILE", description = "A file that holds a pod's ID")
    private List<Path> idFiles = new ArrayList<>();

    @Parameters(paramLabel = "POD", description = "Names, IDs or unambiguous beginnings of IDs")
    private List<String> names = new ArrayList<>();

    /** A pod that is looked up when its turn comes. */
    record Target(Supplier<Pod> lookup) {
        /** Empty if there is no such pod. */
        Optional<Pod> find() {
            try {
                return Optional.of(lookup.get());
            } catch (EngineException e) {
                if (e.code() == EngineException.Code.NO_SUCH_POD) {
                    return Optional.empty();
                }
                throw e;
            }
        }

        Pod pod() {
            return lookup.get();
        }
    }

    /** @throws Failure in podman's words if nothing was chosen, or what contradicts itself */
    List<Target> targets(Engine engine) {
        check();
        if (all) {
            return engine.pods().stream().map(pod -> new Target(() -> pod)).toList();
        }
        if (latest) {
            Pod youngest = engine.pods().stream()
                    .findFirst()
                    .orElseThrow(() -> new Failure("no pods to choose the latest of"));
            return List.of(new Target(() -> youngest));
        }
        List<Target> targets = new ArrayList<>();
        names.forEach(name -> targets.add(new Target(() -> engine.pod(name))));
        idFiles.forEach(file -> targets.add(new Target(() -> engine.pod(read(file)))));
        return targets;
    }

    private void check() {
        boolean named = !names.isEmpty() || !idFiles.isEmpty();
        if (all && latest) {
            throw new Failure("--all and --latest cannot be used together");
        }
        if (named && latest) {
            throw new Failure("--latest and pods cannot be used together");
        }
        if (named && all) {
            throw new Failure("no arguments are needed with --all");
        }
        if (!named && !all && !latest) {
            throw new Failure("you must provide at least one name or id");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read the pod ID file " + file + ": " + e.getMessage(), e);
        }
    }
}
