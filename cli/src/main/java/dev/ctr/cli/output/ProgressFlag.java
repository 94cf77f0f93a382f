package dev.ctr.cli.output;

import java.io.OutputStream;
import picocli.CommandLine.Option;

/** {@code --progress}: how a command shows how far it has come. */
public final class ProgressFlag {
    @Option(names = "--progress", paramLabel = "auto|json", description = "How to show progress on standard error")
    private ProgressDisplay.Style style = ProgressDisplay.Style.AUTO;

    /** Begins to show progress, and to count the second in which nothing is shown. */
    public ProgressDisplay open(OutputStream errors) {
        return ProgressDisplay.open(style, errors);
    }
}
