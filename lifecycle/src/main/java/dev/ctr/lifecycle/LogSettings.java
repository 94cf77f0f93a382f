package dev.ctr.lifecycle;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where what a new container writes is kept. A mutable part of {@link CreateOptions}. */
public final class LogSettings {
    static final String FILE = "k8s-file";
    static final String JOURNAL = "journald";
    static final String NONE = "none";
    static final String PASSTHROUGH = "passthrough";

    /** libpod writes the second one in the form of the first, and so does ctr. */
    private static final List<String> DRIVERS = List.of(FILE, "json-file", JOURNAL, NONE, PASSTHROUGH);

    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB");
    private static final int THOUSAND = 1000;
    private static final int DIGITS = 4;

    String driver = FILE;
    long largestBytes;
    String tag = "";

    @Nullable
    Path path;

    LogSettings() {}

    /**
     * {@code k8s-file}; {@code json-file}, which is written in the same form; {@code journald}; {@code none}; or {@code
     * passthrough}: the container writes to this process's own streams.
     */
    public LogSettings driver(String value) {
        driver = value;
        return this;
    }

    /** The size in bytes from which on the log begins anew; 0 for no limit. */
    public LogSettings largestBytes(long value) {
        largestBytes = value;
        return this;
    }

    /** By what the container's lines are known in the journal. */
    public LogSettings tag(String value) {
        tag = value;
        return this;
    }

    /** The log file, in place of one beside the container. It is left there when the container is removed. */
    public LogSettings path(Path value) {
        path = value;
        return this;
    }

    /** Whether there is a file that this driver writes. */
    static boolean isFile(String driver) {
        return !driver.equals(JOURNAL) && !driver.equals(NONE) && !driver.equals(PASSTHROUGH);
    }

    /** A size as podman shows it: four digits and a decimal unit. */
    static String humanSize(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= THOUSAND && unit < UNITS.size() - 1) {
            size /= THOUSAND;
            unit++;
        }
        String number = new BigDecimal(size)
                .round(new MathContext(DIGITS))
                .stripTrailingZeros()
                .toPlainString();
        return number + UNITS.get(unit);
    }

    void check(boolean terminal) {
        if (!DRIVERS.contains(driver)) {
            throw invalid("\"" + driver + "\" is not a log driver: use " + String.join(", ", DRIVERS));
        }
        if (!tag.isEmpty() && !driver.equals(JOURNAL)) {
            throw invalid("the log driver " + driver + " has no tags: use --log-driver journald");
        }
        if (!isFile(driver) && (path != null || largestBytes > 0)) {
            throw invalid("the log driver " + driver + " writes no file, so it has neither a path nor a size");
        }
        if (driver.equals(PASSTHROUGH) && terminal) {
            throw invalid("the log driver passthrough cannot be used with a terminal (-t)");
        }
        if (driver.equals(JOURNAL) && !JournalReader.isRunning()) {
            throw invalid("the log driver journald needs a running journal, and this host has none: "
                    + JournalReader.SOCKET + " is missing; use k8s-file");
        }
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}
