package dev.ctr.criu;

import dev.ctr.criu.linux.ProgramOutput;
import dev.ctr.criu.linux.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The CRIU program of this host. May be used by several threads; nothing is remembered between calls. */
public final class Criu {
    /** Where the set-up puts a CRIU of its own when the distribution's is too old for the kernel. */
    public static final Path OWN_PROGRAMS = Path.of("/usr/local/lib/ctr/bin");

    private static final List<String> STANDARD_PROGRAMS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** {@code criu check} spends most of its time in the kernel, so more than one per processor pays. */
    private static final int PARALLEL_CHECKS = 4;

    private final Path path;

    private Criu(Path path) {
        this.path = path;
    }

    /** CRIU as runc and conmon would find it with {@link #searchPath} of this process's own {@code PATH}. */
    public static Optional<Criu> find() {
        return Programs.find("criu", searchPath(System.getenv().getOrDefault("PATH", "")))
                .map(Criu::new);
    }

    /** The CRIU at this path. */
    public static Criu at(Path path) {
        return new Criu(path);
    }

    /**
     * The {@code PATH} to give runc and conmon, which look for {@code criu} and their other programs there: {@link
     * #OWN_PROGRAMS} first, then {@code path}, then what it lacks of the standard directories (a user's {@code PATH} often lacks
     * {@code sbin}).
     */
    public static String searchPath(String path) {
        Set<String> directories = new LinkedHashSet<>();
        directories.add(OWN_PROGRAMS.toString());
        for (String directory : path.split(":", -1)) {
            if (!directory.isEmpty()) {
                directories.add(directory);
            }
        }
        directories.addAll(STANDARD_PROGRAMS);
        return String.join(":", directories);
    }

    public Path path() {
        return path;
    }

    /**
     * Asks for the version.
     *
     * @throws IOException if the program does not run or does not say
     */
    public CriuVersion version() throws IOException, InterruptedException {
        ProgramOutput output = run(List.of("--version"));
        return output.stdout()
                .lines()
                .filter(line -> line.startsWith("Version:"))
                .flatMap(line -> CriuVersion.parse(line).stream())
                .findFirst()
                .orElseThrow(() -> new IOException(path + " --version does not print a version but "
                        + (output.stdout() + output.stderr()).strip()));
    }

    /**
     * Runs {@code criu check}: whether the kernel has what every dump and restore needs.
     *
     * @return what is missing, in CRIU's words; empty when all is there
     */
    public List<String> missingEssentials() throws IOException, InterruptedException {
        ProgramOutput output = run(List.of("check"));
        return output.succeeded() ? List.of() : CriuLog.decisive((output.stdout() + output.stderr()).lines());
    }

    /**
     * Asks whether CRIU and the kernel have a feature, by the name that {@code criu check --feature} takes. Costs some 20 ms.
     * One that this version does not know is not there.
     */
    public boolean supports(String feature) throws IOException, InterruptedException {
        return run(List.of("check", "--feature", feature)).succeeded();
    }

    /** Those of the features that CRIU and the kernel have, asked in parallel. */
    public Set<String> supported(Collection<String> features) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_CHECKS);
        try {
            Map<String, Future<Boolean>> answers = new LinkedHashMap<>();
            for (String feature : features) {
                answers.put(feature, threads.submit(() -> supports(feature)));
            }
            Set<String> supported = new LinkedHashSet<>();
            for (Map.Entry<String, Future<Boolean>> answer : answers.entrySet()) {
                if (answer.getValue().get()) {
                    supported.add(answer.getKey());
                }
            }
            return supported;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure
                    ? failure
                    : new IOException("Cannot ask " + path + " for its features: " + e.getMessage(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    ProgramOutput run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(path.toString());
        command.addAll(arguments);
        String searchPath = searchPath(System.getenv().getOrDefault("PATH", ""));
        return Programs.run(command, Map.of("PATH", searchPath, "LC_ALL", "C"), TIMEOUT);
    }
}
