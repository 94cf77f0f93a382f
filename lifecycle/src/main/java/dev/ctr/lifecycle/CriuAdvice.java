package dev.ctr.lifecycle;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells which flag helps when CRIU refuses a dump or a restore, from the words of its log (CRIU 4.2: sk-inet.c, sk-unix.c,
 * files-reg.c, file-lock.c).
 */
final class CriuAdvice {
    private static final Pattern LARGE_GHOST = Pattern.compile("Can't dump ghost file .* of (\\d+) size");
    private static final long MEBIBYTE = 1L << 20;

    private record Advice(String sign, String help) {}

    private static final List<Advice> KNOWN = List.of(
            new Advice(
                    "Connected TCP socket",
                    "give --tcp-established to keep its connections, or --tcp-close to end them"),
            new Advice(
                    "In-flight connection",
                    "give --tcp-skip-in-flight to leave out the connections that it has not accepted yet"),
            new Advice("Some file locks are hold", "give --file-locks to keep its file locks"),
            new Advice(
                    "Can't create link remap",
                    "give --link-remap to keep an open file that has lost its name but has another link"),
            new Advice(
                    "half of stream unix connection",
                    "it is connected to a program outside by a stream, which no flag can keep: end that connection first"),
            new Advice(
                    "without peer",
                    "it is connected by a unix socket to a program of another network namespace, which no flag can keep:"
                            + " end that connection first"),
            new Advice("External socket", "give --ext-unix-sk to keep its unix sockets connected to programs outside"));

    private CriuAdvice() {}

    /** The reason for a failure, followed by the advice that fits, if any does. */
    static String addTo(String reason) {
        Matcher ghost = LARGE_GHOST.matcher(reason);
        if (ghost.find()) {
            long mebibytes = (Long.parseLong(ghost.group(1)) + MEBIBYTE - 1) / MEBIBYTE;
            return reason + "; give --ghost-limit " + mebibytes + "m to keep the deleted file, which is still open";
        }
        return KNOWN.stream()
                .filter(advice -> reason.contains(advice.sign))
                .findFirst()
                .map(advice -> reason + "; " + advice.help)
                .orElse(reason);
    }
}
