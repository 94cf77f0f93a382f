package dev.ctr.cli.container;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/** The words of a program and its arguments as {@code --entrypoint} takes them. */
final class CommandWords {
    private CommandWords() {}

    /** A JSON array of strings, or one program; empty text is no word at all. */
    static List<String> parse(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        if (text.startsWith("[")) {
            try {
                return List.of(new ObjectMapper().readValue(text, String[].class));
            } catch (JsonProcessingException e) {
                return List.of(text);
            }
        }
        return List.of(text);
    }
}
