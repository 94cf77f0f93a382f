package dev.ctr.cli.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lines up columns as podman does (Go's tabwriter with a minimal width of 12 and a padding of 2): a column is as wide as
 * its widest cell needs, the last cell of a row is not padded.
 */
public final class Table {
    private static final int MINIMAL_WIDTH = 12;
    private static final int PADDING = 2;

    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a row; the first may be the heading. */
    public Table row(String... cells) {
        rows.add(Arrays.asList(cells.clone()));
        return this;
    }

    /** Adds rows whose cells are separated by tabs. */
    public Table tabbed(String lines) {
        lines.lines().forEach(line -> row(line.split("\t", -1)));
        return this;
    }

    /** The whole table; every row ends with a line end. */
    public String render() {
        List<Integer> widths = widths();
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int column = 0; column < row.size() - 1; column++) {
                String cell = row.get(column);
                text.append(cell).append(" ".repeat(widths.get(column) - length(cell)));
            }
            text.append(row.get(row.size() - 1)).append('\n');
        }
        return text.toString();
    }

    private List<Integer> widths() {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int column = 0; column < row.size() - 1; column++) {
                int width = Math.max(MINIMAL_WIDTH, length(row.get(column)) + PADDING);
                if (column == widths.size()) {
                    widths.add(width);
                } else {
                    widths.set(column, Math.max(widths.get(column), width));
                }
            }
        }
        return widths;
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
