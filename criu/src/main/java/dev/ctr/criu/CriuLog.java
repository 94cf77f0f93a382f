package dev.ctr.criu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds in CRIU's log ({@code dump.log}, {@code restore.log}) why a run failed. */
public final class CriuLog {
    /** The log of a dump. */
    public static final String DUMP_FILE = "dump.log";

    private static final int MOST_LINES = 5;
    private static final int LINES_OF_INTRODUCTION = 20;

    /** {@code (00.038112) pie: 12: Error (criu/pie/restorer.c:191): text}; all before "Error" may be missing. */
    private static final Pattern ERROR =
            Pattern.compile("(?:\\([\\d.]+\\))?(?:\\s*\\w+:)*\\s*Error \\(([^)]*)\\): (.*)");

    /** Without CAP_SYS_RESOURCE CRIU says this in every run, successful ones too. */
    private static final String HARMLESS = "Can't setup RLIMIT_NOFILE for self";

    /** What follows from the errors before: of use only when it is all there is. */
    private static final Pattern CONSEQUENCE = Pattern.compile("(Dumping|Restoring|Pre-dumping) FAILED\\.?");

    private CriuLog() {}

    /**
     * The first errors, in order, without times, process numbers and repetitions, each with its place in CRIU's source: {@code
     * Can't get rlimit 0: Operation not permitted (criu/cr-dump.c:371)}. At most five; empty if the log has none or does not
     * exist.
     */
    public static List<String> decisiveLines(Path log) throws IOException {
        // CRIU writes names as the kernel has them: any byte may come.
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(log), StandardCharsets.UTF_8))) {
            return decisive(lines.lines());
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** The version of the CRIU that wrote a log, which says so in its first lines; empty if it does not. */
    public static Optional<CriuVersion> version(Path log) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(log), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .limit(LINES_OF_INTRODUCTION)
                    .filter(line -> line.contains("Version: "))
                    .findFirst()
                    .flatMap(line -> CriuVersion.parse(line.substring(line.indexOf("Version: "))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    static List<String> decisive(Stream<String> lines) {
        List<String> errors = lines.filter(line -> line.contains("Error ("))
                .map(ERROR::matcher)
                .filter(Matcher::matches)
                .filter(error -> !error.group(2).contains(HARMLESS))
                .map(error -> error.group(2).strip() + " (" + error.group(1) + ")")
                .distinct()
                .toList();
        List<String> causes = errors.stream()
                .filter(error -> !CONSEQUENCE.matcher(error).lookingAt())
                .limit(MOST_LINES)
                .toList();
        return causes.isEmpty() ? errors.stream().limit(MOST_LINES).toList() : causes;
    }
}
