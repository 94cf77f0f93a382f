package dev.ctr.agent.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Holds present values; may be used by any thread. */
public final class Gauge extends Figure {
    private final Map<String, Series> series = new ConcurrentSkipListMap<>();

    private record Series(List<String> values, AtomicLong present) {}

    Gauge(String name, String help, List<String> labels) {
        super(name, help, labels);
    }

    /** Makes it this; {@code values} are those of the labels, in their order. */
    public void set(long present, String... values) {
        cell(values).set(present);
    }

    /** Adds an amount, which may be negative, and gives the sum. */
    public long add(long amount, String... values) {
        return cell(values).addAndGet(amount);
    }

    private AtomicLong cell(String... values) {
        List<String> key = series(values);
        return series.computeIfAbsent(key.toString(), absent -> new Series(key, new AtomicLong()))
                .present();
    }

    @Override
    void appendSeries(StringBuilder text) {
        series.values()
                .forEach(one -> appendLine(
                        text, "", pairs(one.values()), (double) one.present().get()));
    }
}
