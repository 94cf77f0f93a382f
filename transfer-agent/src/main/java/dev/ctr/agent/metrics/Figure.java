package dev.ctr.agent.metrics;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What counters, gauges and histograms have in common: a name, a sentence and labels. */
abstract class Figure {
    private final String name;
    private final String help;
    private final List<String> labels;

    Figure(String name, String help, List<String> labels) {
        this.name = name;
        this.help = help;
        this.labels = labels;
    }

    /** Prometheus' word for it. */
    final String kind() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    final List<String> series(String... values) {
        if (values.length != labels.size()) {
            throw new IllegalArgumentException("The metric " + name + " has the labels " + labels);
        }
        return List.of(values);
    }

    final void appendTo(StringBuilder text) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(kind()).append('\n');
        appendSeries(text);
    }

    /** Appends the lines of every series. */
    abstract void appendSeries(StringBuilder text);

    final void appendLine(StringBuilder text, String suffix, Collection<String> pairs, double value) {
        text.append(name).append(suffix);
        if (!pairs.isEmpty()) {
            text.append('{').append(String.join(",", pairs)).append('}');
        }
        text.append(' ').append(number(value)).append('\n');
    }

    final List<String> pairs(List<String> values) {
        return IntStream.range(0, values.size())
                .mapToObj(index -> pair(labels.get(index), values.get(index)))
                .collect(Collectors.toList());
    }

    static String pair(String label, String value) {
        return label + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
