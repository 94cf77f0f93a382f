package dev.ctr.cli.value;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Environment variables as {@code --env-file} and {@code -e} give them; those named without a value are the host's. */
public final class Variables {
    private static final List<String> PROXIES = List.of("http_proxy", "https_proxy", "ftp_proxy", "no_proxy");

    private Variables() {}

    /**
     * Puts files and flags together; flags win, later ones over earlier ones.
     *
     * @param host the environment of this process
     * @throws IllegalArgumentException if a file cannot be read or a name is empty
     */
    public static Map<String, String> of(List<String> files, List<String> flags, Map<String, String> host) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String file : files) {
            VariableFile.lines("env", file).forEach(line -> add(line, variables, host));
        }
        flags.forEach(flag -> add(flag, variables, host));
        return variables;
    }

    /** The variables of this process that name proxies. */
    public static Map<String, String> proxies(Map<String, String> host) {
        Map<String, String> proxies = new LinkedHashMap<>();
        for (String name : PROXIES) {
            for (String spelling : List.of(name, name.toUpperCase(Locale.ROOT))) {
                if (host.containsKey(spelling)) {
                    proxies.put(spelling, host.getOrDefault(spelling, ""));
                }
            }
        }
        return proxies;
    }

    private static void add(String text, Map<String, String> variables, Map<String, String> host) {
        KeyValue pair = KeyValue.parse(text);
        if (text.indexOf('=') >= 0) {
            variables.put(pair.key(), pair.value());
        } else if (text.endsWith("*")) {
            String beginning = text.substring(0, text.length() - 1);
            host.forEach((name, value) -> {
                if (name.startsWith(beginning)) {
                    variables.put(name, value);
                }
            });
        } else if (host.containsKey(pair.key())) {
            variables.put(pair.key(), host.getOrDefault(pair.key(), ""));
        }
    }
}
