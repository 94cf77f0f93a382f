package dev.ctr.cli.invocation;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** A failure's stack trace with its causes, as lines. */
final class StackTrace {
    private StackTrace() {}

    static List<String> lines(Throwable failure) {
        StringWriter text = new StringWriter();
        try (PrintWriter writer = new PrintWriter(text)) {
            failure.printStackTrace(writer);
        }
        return text.toString().lines().toList();
    }
}
