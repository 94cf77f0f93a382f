package dev.ctr.agent.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Counts observations by size; may be used by any thread. */
public final class Histogram extends Figure {
    private final List<Double> bounds;
    private final Map<String, Series> series = new ConcurrentSkipListMap<>();

    /** What was observed with one set of labels. */
    private static final class Series {
        private final List<String> values;
        private final long[] counts;
        private double sum;

        Series(List<String> values, int classes) {
            this.values = values;
            this.counts = new long[classes];
        }
    }

    Histogram(String name, String help, List<Double> bounds, List<String> labels) {
        super(name, help, labels);
        this.bounds = List.copyOf(bounds);
    }

    /** Counts an observation; {@code values} are those of the labels, in their order. */
    public void observe(double size, String... values) {
        List<String> key = series(values);
        Series one = series.computeIfAbsent(key.toString(), absent -> new Series(key, bounds.size() + 1));
        int place = 0;
        while (place < bounds.size() && size > bounds.get(place)) {
            place++;
        }
        synchronized (one) {
            one.counts[place]++;
            one.sum += size;
        }
    }

    @Override
    void appendSeries(StringBuilder text) {
        for (Series one : series.values()) {
            synchronized (one) {
                append(text, one);
            }
        }
    }

    private void append(StringBuilder text, Series one) {
        List<String> pairs = pairs(one.values);
        long total = 0;
        for (int place = 0; place <= bounds.size(); place++) {
            total += one.counts[place];
            double bound = place < bounds.size() ? bounds.get(place) : Double.POSITIVE_INFINITY;
            List<String> withBound = new ArrayList<>(pairs);
            withBound.add(pair("le", number(bound)));
            appendLine(text, "_bucket", withBound, (double) total);
        }
        appendLine(text, "_sum", pairs, one.sum);
        appendLine(text, "_count", pairs, (double) total);
    }
}
