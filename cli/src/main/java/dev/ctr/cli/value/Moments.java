package dev.ctr.cli.value;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Points in time as {@code --since} and {@code --until} take them. */
public final class Moments {
    private static final Pattern UNIX = Pattern.compile("\\d+(?:\\.\\d{1,9})?");

    private Moments() {}

    /**
     * Parses an RFC 3339 time, a local date or date and time, seconds since 1970, or how long ago as a duration.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static Instant parse(String text, Instant now) {
        return parse(text, duration -> now.minus(duration));
    }

    /**
     * As {@link #parse}, but a duration says how long from now, as podman takes it for the end of a stream.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static Instant parseEnd(String text, Instant now) {
        return parse(text, duration -> now.plus(duration));
    }

    private static Instant parse(String text, Function<Duration, Instant> ofDuration) {
        if (UNIX.matcher(text).matches()) {
            BigDecimal seconds = new BigDecimal(text);
            return Instant.ofEpochSecond(0, seconds.movePointRight(9).longValueExact());
        }
        if (text.length() >= 10 && text.charAt(4) == '-') {
            return calendar(text);
        }
        return ofDuration.apply(Durations.parse(text));
    }

    private static Instant calendar(String text) {
        try {
            if (text.length() == 10) {
                return LocalDate.parse(text)
                        .atStartOfDay(ZoneId.systemDefault())
                        .toInstant();
            }
            boolean hasOffset = text.endsWith("Z") || text.substring(11).matches(".*[+-].*");
            return hasOffset
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "invalid time \"" + text + "\": give it as 2026-11-22T05:36:49Z, a date, or how long ago", e);
        }
    }
}
