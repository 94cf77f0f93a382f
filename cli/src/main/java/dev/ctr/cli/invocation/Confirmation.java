package dev.ctr.cli.invocation;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** Asks before something is thrown away. */
public final class Confirmation {
    private Confirmation() {}

    /**
     * Asks on standard output and reads a line from standard input.
     *
     * @return whether the answer begins with {@code y}
     * @throws Failure if there is nobody to answer
     */
    public static boolean of(Invocation ctr, String warning) {
        ctr.output()
                .text(warning + "\nAre you sure you want to continue? [y/N] ")
                .flush();
        return line(ctr.streams().in()).toLowerCase(Locale.ROOT).startsWith("y");
    }

    private static String line(InputStream in) {
        StringBuilder line = new StringBuilder();
        try {
            int next = in.read();
            if (next < 0) {
                throw new Failure("nobody answered: give --force to go on without being asked");
            }
            while (next >= 0 && next != '\n') {
                line.append((char) next);
                next = in.read();
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read the answer: " + e.getMessage(), e);
        }
        return line.toString().strip();
    }
}
