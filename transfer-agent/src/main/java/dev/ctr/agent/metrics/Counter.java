package dev.ctr.agent.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts; may be used by any thread. */
public final class Counter extends Figure {
    private final Map<String, Series> series = new ConcurrentSkipListMap<>();

    private record Series(List<String> values, LongAdder count) {}

    Counter(String name, String help, List<String> labels) {
        super(name, help, labels);
    }

    /** Counts one; {@code values} are those of the labels, in their order. */
    public void increment(String... values) {
        add(1, values);
    }

    /** Adds an amount that is not negative. */
    public void add(long amount, String... values) {
        List<String> key = series(values);
        series.computeIfAbsent(key.toString(), absent -> new Series(key, new LongAdder()))
                .count()
                .add(amount);
    }

    /** How much has been counted. */
    public long value(String... values) {
        Series found = series.get(series(values).toString());
        return found == null ? 0 : found.count().sum();
    }

    @Override
    void appendSeries(StringBuilder text) {
        series.values()
                .forEach(one -> appendLine(
                        text, "", pairs(one.values()), (double) one.count().sum()));
    }
}
