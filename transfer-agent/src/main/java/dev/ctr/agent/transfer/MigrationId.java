package dev.ctr.agent.transfer;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names one migration on both hosts: 32 hexadecimal digits that nobody can guess.
 *
 * @param hex the digits, in lower case
 */
public record MigrationId(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");
    private static final int BYTES = 16;
    private static final int SHORT = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    public MigrationId {
        if (!FORM.matcher(hex).matches()) {
            throw new IllegalArgumentException("a migration's ID has 32 hexadecimal digits");
        }
    }

    /** A new one. */
    public static MigrationId random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new MigrationId(HexFormat.of().formatHex(bytes));
    }

    /** Its first digits, as people see it. */
    public String abbreviated() {
        return hex.substring(0, SHORT);
    }

    @Override
    public String toString() {
        return hex;
    }
}
