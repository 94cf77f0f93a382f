package dev.ctr.cli.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A part of a parsed template that has a value. */
sealed interface Expression {
    record Literal(JsonNode value) implements Expression {}

    /** What {@code .} stands for at this place. */
    record Dot() implements Expression {}

    record Variable(String name) implements Expression {}

    record Field(Expression object, String name) implements Expression {}

    record Call(String function, List<Expression> arguments) implements Expression {}
}
