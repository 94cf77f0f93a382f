package dev.ctr.lifecycle.check;

import dev.ctr.criu.linux.ProgramOutput;
import dev.ctr.criu.linux.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks the OCI runtimes whether they can checkpoint. */
final class RuntimeTrials {
    /** The runtimes that know checkpoints. */
    private static final List<String> KNOWN = List.of("runc", "crun");

    private final String configured;
    private final String searchPath;

    /**
     * Prepares the trials.
     *
     * @param configured the name or path of the runtime that the engine is to use
     * @param searchPath directories, as {@code PATH} names them
     */
    RuntimeTrials(String configured, String searchPath) {
        this.configured = configured;
        this.searchPath = searchPath;
    }

    Findings<InstalledProgram> run() throws InterruptedException {
        Optional<Path> path = Programs.find(configured, searchPath);
        InstalledProgram program = path.isPresent()
                ? new InstalledProgram(path.get().toString(), ProgramTrials.version(path.get()))
                : InstalledProgram.NONE;
        List<Feature> features = new ArrayList<>();
        features.add(runtime(configured, true));
        features.add(lazyPages(path));
        Set<String> others = new LinkedHashSet<>(KNOWN);
        others.remove(Path.of(configured).getFileName().toString());
        for (String other : others) {
            features.add(runtime(other, false));
        }
        return new Findings<>(program, features);
    }

    private Feature runtime(String nameOrPath, boolean required) throws InterruptedException {
        Optional<Path> path = Programs.find(nameOrPath, searchPath);
        String how = "Install " + nameOrPath + ", with support for CRIU.";
        boolean canCheckpoint = false;
        if (path.isPresent()) {
            Optional<String> help = help(path.get());
            canCheckpoint = help.isPresent();
            how = path.get()
                    + " is there but has no command \"checkpoint\": install a build of it with support for CRIU.";
        }
        String name = Path.of(nameOrPath).getFileName().toString();
        String gives = "Runs containers, and checkpoints and restores them by CRIU.";
        return required
                ? Feature.required(name, canCheckpoint, gives, how)
                : Feature.useful(name, canCheckpoint, gives, how);
    }

    private static Feature lazyPages(Optional<Path> runtime) throws InterruptedException {
        boolean present = runtime.isPresent()
                && help(runtime.get())
                        .filter(text -> text.contains("--lazy-pages"))
                        .isPresent();
        return Feature.useful(
                "runtime-lazy-pages",
                present,
                "ctr moves the memory itself: short freezes, instant restore, live migration.",
                "Use runc 1.1 or newer; crun has no such option.");
    }

    /** The help on the runtime's command "checkpoint"; empty if it has no such command. */
    private static Optional<String> help(Path runtime) throws InterruptedException {
        try {
            ProgramOutput output = ProgramTrials.run(runtime, List.of("checkpoint", "--help"), Map.of());
            return output.succeeded() ? Optional.of(output.stdout() + output.stderr()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
