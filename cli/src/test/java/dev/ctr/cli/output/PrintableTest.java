package dev.ctr.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void escapesWhatCommandsATerminalAndNothingElse() {
        assertThat(Printable.of("red\u001b[31m\n\t\u009b2J\u202efdp\u2028\ud800"))
                .isEqualTo("red\\x1b[31m\\n\\t\\x9b2J\\u202efdp\\u2028\\ud800");
        assertThat(Printable.of("grün 漢字 \ud83d\ude00 \"a\\b\"")).isEqualTo("grün 漢字 \ud83d\ude00 \"a\\b\"");
    }

    @Test
    void escapedJsonSaysTheSame() throws JsonProcessingException {
        String text = "\u001b\u007f\u009b2J\u202e\n \"quoted\" grün \ud83d\ude00";
        String json = Printable.json(
                JsonNodeFactory.instance.objectNode().put("a", text).toString());
        assertThat(json).doesNotContain("\u009b", "\u202e", "\u001b", "\u007f").contains("grün");
        assertThat(new ObjectMapper().readTree(json).path("a").asText()).isEqualTo(text);
    }
}
