package dev.ctr.cli.output;

/** Text from elsewhere, made fit for a terminal: characters that would command it are written as escapes. */
public final class Printable {
    private Printable() {}

    /**
     * The text with control characters, those that turn the direction of writing, and what is no character as escapes:
     * {@code \n}, {@code \t}, {@code \x1b}, {@code \}{@code u202e}.
     */
    public static String of(String text) {
        if (text.codePoints().noneMatch(Printable::isUnsafe)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length() + 8);
        text.codePoints().forEach(c -> {
            if (isUnsafe(c)) {
                safe.append(escape(c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    /** The same for JSON, in which such characters may stand in strings only, and any may be escaped. */
    public static String json(String json) {
        if (json.codePoints().noneMatch(c -> c >= 0x7f && isUnsafe(c))) {
            return json;
        }
        StringBuilder safe = new StringBuilder(json.length() + 8);
        json.chars().forEach(c -> {
            boolean surrogate = Character.isSurrogate((char) c);
            if (!surrogate && c >= 0x7f && isUnsafe(c)) {
                safe.append("\\u%04x".formatted(c));
            } else {
                safe.append((char) c);
            }
        });
        return safe.toString();
    }

    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    private static String escape(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            case '\r' -> "\\r";
            default -> (c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x").formatted(c);
        };
    }
}
