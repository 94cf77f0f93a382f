package dev.ctr.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Writes JSON laid out as Go's encoder does: empty arrays and objects on one line, one blank after a colon. */
public final class JsonText {
    private static final JsonFactory FACTORY = new ObjectMapper().getFactory();
    private static final Separators SEPARATORS = Separators.createDefaultInstance()
            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");

    private JsonText() {}

    /** Indented by so many blanks a level, without a line end behind it. */
    public static String indented(JsonNode json, int blanks) {
        DefaultIndenter indenter = new DefaultIndenter(" ".repeat(blanks), "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(SEPARATORS);
        printer.indentArraysWith(indenter);
        printer.indentObjectsWith(indenter);
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            generator.setPrettyPrinter((PrettyPrinter) printer);
            generator.writeTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** On one line without blanks. */
    public static String compact(JsonNode json) {
        return json.toString();
    }
}
