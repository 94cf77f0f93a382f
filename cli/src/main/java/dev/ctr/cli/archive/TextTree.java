package dev.ctr.cli.archive;

import dev.ctr.cli.output.Printable;
import java.util.ArrayList;
import java.util.List;

/** A tree as text: a line for each node, indented with lines that lead to it. Used by one thread. */
final class TextTree {
    private final String label;
    private final List<TextTree> children = new ArrayList<>();

    /** A tree of one node; what would command a terminal is escaped. */
    TextTree(String label) {
        this.label = Printable.of(label);
    }

    /** Adds a child and returns it. */
    TextTree add(String childLabel) {
        TextTree child = new TextTree(childLabel);
        children.add(child);
        return child;
    }

    /** Adds a child that names a value, unless that is empty. */
    void addValue(String name, String value) {
        if (!value.isEmpty()) {
            add(name + ": " + value);
        }
    }

    /** The whole text; every line ends with a line end. */
    String render() {
        StringBuilder text = new StringBuilder(label).append('\n');
        renderChildren("", text);
        return text.toString();
    }

    private void renderChildren(String indent, StringBuilder text) {
        for (int index = 0; index < children.size(); index++) {
            boolean last = index == children.size() - 1;
            TextTree child = children.get(index);
            text.append(indent)
                    .append(last ? "└── " : "├── ")
                    .append(child.label)
                    .append('\n');
            child.renderChildren(indent + (last ? "    " : "│   "), text);
        }
    }
}
