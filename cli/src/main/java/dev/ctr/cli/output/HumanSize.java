package dev.ctr.cli.output;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** Sizes in decimal units, as podman's tables show them: {@code 2 MB}, {@code 117 MB}, {@code 1.98 GB}. */
public final class HumanSize {
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB", "EB");
    private static final int SIGNIFICANT_DIGITS = 3;

    private HumanSize() {}

    /** At most three significant digits and the unit that keeps the number below 1000. */
    public static String of(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= 1000 && unit < UNITS.size() - 1) {
            size /= 1000;
            unit++;
        }
        BigDecimal rounded =
                new BigDecimal(size).round(new MathContext(SIGNIFICANT_DIGITS)).stripTrailingZeros();
        return rounded.toPlainString() + " " + UNITS.get(unit);
    }
}
