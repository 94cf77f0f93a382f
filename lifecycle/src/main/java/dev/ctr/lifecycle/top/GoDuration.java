package dev.ctr.lifecycle.top;

import java.math.BigDecimal;
import java.time.Duration;

/** Writes a duration as Go's {@code time.Duration} prints itself, which podman's tables do: {@code 1h2m3.5s}, {@code 20ms}. */
final class GoDuration {
    private static final int NANOS_DIGITS = 9;
    private static final int MILLIS_DIGITS = 6;

    private GoDuration() {}

    static String of(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        if (duration.toSeconds() == 0) {
            return decimal(duration.toNanos(), MILLIS_DIGITS) + "ms";
        }
        String seconds = decimal(duration.minusMinutes(duration.toMinutes()).toNanos(), NANOS_DIGITS) + "s";
        if (duration.toMinutes() == 0) {
            return seconds;
        }
        String minutes = duration.toMinutesPart() + "m" + seconds;
        return duration.toHours() == 0 ? minutes : duration.toHours() + "h" + minutes;
    }

    private static String decimal(long units, int digits) {
        BigDecimal value = BigDecimal.valueOf(units, digits).stripTrailingZeros();
        return value.toPlainString();
    }
}
