package dev.ctr.agent.metrics;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The figures that a process keeps about itself. A figure is made by the first call that asks for it, and the same one is
 * given to every later call with its name. May be used by any thread.
 */
public final class Metrics {
    private final Map<String, Figure> figures = new TreeMap<>();

    /**
     * A figure that only grows.
     *
     * @param name ends in {@code _total}, after Prometheus' rules
     * @param labels the names of what its series are told apart by; few values each, never a peer's to choose
     */
    public Counter counter(String name, String help, String... labels) {
        return figure(name, Counter.class, () -> new Counter(name, help, List.of(labels)));
    }

    /** A figure that goes up and down. */
    public Gauge gauge(String name, String help, String... labels) {
        return figure(name, Gauge.class, () -> new Gauge(name, help, List.of(labels)));
    }

    /**
     * A figure that counts what was observed by size.
     *
     * @param name ends in its unit, {@code _seconds} or {@code _bytes}
     * @param bounds the upper bounds of its classes, growing; one without bound is added
     */
    public Histogram histogram(String name, String help, List<Double> bounds, String... labels) {
        return figure(name, Histogram.class, () -> new Histogram(name, help, bounds, List.of(labels)));
    }

    private synchronized <F extends Figure> F figure(String name, Class<F> kind, Supplier<F> make) {
        Figure figure = figures.computeIfAbsent(name, absent -> make.get());
        if (!kind.isInstance(figure)) {
            throw new IllegalArgumentException("The metric " + name + " is of another kind: " + figure.kind());
        }
        return kind.cast(figure);
    }

    /** All of them in Prometheus' text form, version 0.0.4, by name. */
    public synchronized String text() {
        StringBuilder text = new StringBuilder();
        figures.values().forEach(figure -> figure.appendTo(text));
        return text.toString();
    }
}
