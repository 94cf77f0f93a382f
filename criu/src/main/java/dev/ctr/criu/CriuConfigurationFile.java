package dev.ctr.criu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Options for CRIU in a file, which reach it past runc (the annotation {@code org.criu.config} names the file) and win over
 * runc's own. The options are those of CRIU's command line, without the dashes (criu(8), "Configuration file").
 *
 * <p>Immutable: each {@code with} returns another.
 */
public final class CriuConfigurationFile {
    /** The OCI annotation that makes runc and crun hand a configuration file to CRIU. */
    public static final String ANNOTATION = "org.criu.config";

    private static final Pattern OPTION = Pattern.compile("[a-z][a-z0-9-]*");
    private static final Pattern WRITABLE = Pattern.compile("[^\\s\\x00]*");

    private final Map<String, String> options;

    /** An empty file. */
    public CriuConfigurationFile() {
        this(Map.of());
    }

    private CriuConfigurationFile(Map<String, String> options) {
        this.options = options;
    }

    /** Adds an option that takes no value, such as {@code tcp-close}. */
    public CriuConfigurationFile with(String option) {
        return with(option, "");
    }

    /**
     * Adds an option with its value, such as {@code network-lock} and {@code nftables}, or replaces its value.
     *
     * @throws IllegalArgumentException if this is no option's name, or the value has a blank: the file format has quotation marks
     *     for that, but CRIU up to 4.2 uses a quoted value's memory after it has freed it, and then fails or not by chance
     */
    public CriuConfigurationFile with(String option, String value) {
        if (!OPTION.matcher(option).matches()) {
            throw new IllegalArgumentException("CRIU has no option \"" + option + "\"");
        }
        if (!WRITABLE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "The value of " + option + " has a blank, which a CRIU configuration file cannot hold: " + value);
        }
        Map<String, String> more = new LinkedHashMap<>(options);
        more.put(option, value);
        return new CriuConfigurationFile(more);
    }

    /** Writes the file anew. */
    public void write(Path file) throws IOException {
        Files.write(file, toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The file's content: {@code option=value} in one word, which also serves options whose value may be left out. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        options.forEach((option, value) ->
                text.append(option).append(value.isEmpty() ? "" : "=" + value).append('\n'));
        return text.toString();
    }
}
