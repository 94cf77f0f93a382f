package dev.ctr.cli.value;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A size as podman takes it: a number and a unit of 1024 ({@code 512}, {@code 64m}, {@code 1.5GiB}, {@code 1gb}).
 *
 * @param bytes the size in bytes
 */
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([kmgtp]?)(?:i?b)?");
    private static final String UNITS = "kmgtp";
    private static final BigDecimal BINARY = BigDecimal.valueOf(1024);
    private static final BigDecimal DECIMAL = BigDecimal.valueOf(1000);

    /**
     * Parses a size.
     *
     * @throws IllegalArgumentException if it is none, or does not fit 63 bits
     */
    public static ByteSize parse(String text) {
        return parse(text, BINARY);
    }

    /**
     * Parses a size whose units are of 1000, as podman takes the largest size of a log.
     *
     * @throws IllegalArgumentException as {@link #parse(String)}
     */
    public static ByteSize parseDecimal(String text) {
        return parse(text, DECIMAL);
    }

    private static ByteSize parse(String text, BigDecimal step) {
        Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            throw new IllegalArgumentException("invalid size: '" + text + "'");
        }
        int power = form.group(2).isEmpty() ? 0 : UNITS.indexOf(form.group(2)) + 1;
        BigDecimal bytes = new BigDecimal(form.group(1)).multiply(step.pow(power));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("invalid size: '" + text + "' is too large");
        }
        return new ByteSize(bytes.longValue());
    }
}
