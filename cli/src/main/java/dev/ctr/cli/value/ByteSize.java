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

    /**
     * Parses a size.
     *
     * @throws IllegalArgumentException if it is none, or does not fit 63 bits
     */
    public static ByteSize parse(String text) {
        Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            throw new IllegalArgumentException("invalid size: '" + text + "'");
        }
        int power = form.group(2).isEmpty() ? 0 : UNITS.indexOf(form.group(2)) + 1;
        BigDecimal bytes = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power)));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("invalid size: '" + text + "' is too large");
        }
        return new ByteSize(bytes.longValue());
    }
}
