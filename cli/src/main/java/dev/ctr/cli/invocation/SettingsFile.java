package dev.ctr.cli.invocation;

import dev.ctr.lifecycle.RestorePolicy;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the configuration file or a policy file: of TOML the lines {@code key = "value"} and comments, strictly. */
final class SettingsFile {
    private static final Pattern LINE =
            Pattern.compile("\\s*([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)')\\s*(?:#.*)?");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");

    private final String name;
    private final List<String> known;

    private SettingsFile(String name, List<String> known) {
        this.name = name;
        this.known = known;
    }

    /** The configuration file's keys and values; every key is known and occurs once. */
    static Map<String, String> read(Path file) {
        return new SettingsFile("configuration file " + file, Settings.KEYS).values(file);
    }

    /** Those of a policy file. */
    static Map<String, String> readPolicy(Path file) {
        return new SettingsFile("policy file " + file, RestorePolicy.keys()).values(file);
    }

    private Map<String, String> values(Path file) {
        Map<String, String> values = new LinkedHashMap<>();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
                add(line, values, name + ", line " + number + ": ");
            }
        }
        return values;
    }

    private void add(String line, Map<String, String> values, String where) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            throw new Failure(where + "\"" + line.strip() + "\" is not a line of the form key = \"value\"");
        }
        String key = parts.group(1);
        if (!known.contains(key)) {
            throw new Failure(where + "unknown key \"" + key + "\"" + suggestion(key));
        }
        String literal = parts.group(3);
        String value = literal != null ? literal : unescaped(parts.group(2), where);
        if (values.putIfAbsent(key, value) != null) {
            throw new Failure(where + "\"" + key + "\" is set twice");
        }
    }

    private String suggestion(String key) {
        return Suggestion.forWord(key, known)
                .map(meant -> ", did you mean \"" + meant + "\"?")
                .orElse("; known are " + String.join(", ", known));
    }

    private static String unescaped(String text, String where) {
        return ESCAPE.matcher(text)
                .replaceAll(escape -> Matcher.quoteReplacement(
                        switch (escape.group(1)) {
                            case "n" -> "\n";
                            case "t" -> "\t";
                            case "\"", "\\" -> escape.group(1);
                            default -> throw new Failure(where + "unknown escape " + escape.group());
                        }));
    }

    private List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw new Failure(ExitCode.CTR, name + " does not exist", e);
        } catch (CharacterCodingException e) {
            throw new Failure(ExitCode.CTR, name + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read " + name + ": " + e.getMessage(), e);
        }
    }
}
