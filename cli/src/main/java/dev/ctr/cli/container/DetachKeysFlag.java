package dev.ctr.cli.container;

import dev.ctr.lifecycle.DetachKeys;
import picocli.CommandLine.Option;

/** {@code --detach-keys}, on everything that can be attached. */
public final class DetachKeysFlag {
    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            defaultValue = "ctrl-p,ctrl-q",
            description =
                    "The keys that detach from a terminal: single characters or ctrl-X, separated by commas, where X is"
                            + " one of a-z, @, [, \\, ], ^ or _; empty for none (default: ctrl-p,ctrl-q)")
    private String text = DetachKeys.DEFAULT.toString();

    /** The keys; fails with a sentence when they are none. */
    public DetachKeys keys() {
        return DetachKeys.parse(text);
    }
}
