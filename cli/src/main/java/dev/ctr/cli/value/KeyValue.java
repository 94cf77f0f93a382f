package dev.ctr.cli.value;

/**
 * A pair as labels, annotations and variables are given.
 *
 * @param key what stands before the first {@code =}
 * @param value what stands after it; empty when there is none
 */
public record KeyValue(String key, String value) {

    /**
     * Splits at the first {@code =}.
     *
     * @throws IllegalArgumentException if the key is empty
     */
    public static KeyValue parse(String text) {
        int equals = text.indexOf('=');
        String key = equals < 0 ? text : text.substring(0, equals);
        if (key.isBlank()) {
            throw new IllegalArgumentException("\"" + text + "\" has no key: it must be KEY=VALUE");
        }
        return new KeyValue(key, equals < 0 ? "" : text.substring(equals + 1));
    }
}
