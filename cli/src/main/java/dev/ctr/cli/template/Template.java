package dev.ctr.cli.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A template in the part of Go's text/template that people use with {@code --format}: fields, pipelines, {@code if},
 * {@code range}, {@code with}, variables and the functions of podman and docker. Fields are keys of JSON objects, written
 * in any case; one that does not exist is an error. Immutable.
 */
public final class Template {
    private final List<Node> nodes;

    private Template(List<Node> nodes) {
        this.nodes = nodes;
    }

    /**
     * Parses a template. Outside of actions, {@code \t} and {@code \n} stand for a tab and a line end.
     *
     * @throws TemplateException if it is not one
     */
    public static Template parse(String text) {
        return new Template(new Parser(Piece.split(text)).parse());
    }

    /**
     * Fills it in.
     *
     * @throws TemplateException if it asks for a field that the data does not have
     */
    public String render(JsonNode data) {
        StringBuilder text = new StringBuilder();
        new Rendering(text, data).render(nodes);
        return text.toString();
    }
}
