package dev.ctr.cli.template;

import java.util.List;

/** A part of a parsed template that writes something. */
sealed interface Node {
    record Text(String text) implements Node {}

    record Print(Expression expression) implements Node {}

    /** {@code {{$name := expression}}}, or with {@code =}. */
    record Assign(String variable, boolean declares, Expression expression) implements Node {}

    record If(Expression condition, List<Node> then, List<Node> otherwise) implements Node {}

    /** As {@code if}, with the condition as data inside. */
    record With(Expression subject, List<Node> then, List<Node> otherwise) implements Node {}

    /** The variables are none, that of the element, or those of the key and the element. */
    record Range(List<String> variables, Expression subject, List<Node> body, List<Node> otherwise) implements Node {}
}
