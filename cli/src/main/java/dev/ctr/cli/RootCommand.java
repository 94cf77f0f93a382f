package dev.ctr.cli;

import dev.ctr.cli.invocation.GlobalFlags;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr} itself: the options before the command. */
@Command(
        name = "ctr",
        description = "Checkpoints, restores and live-migrates running Linux containers.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  ctr run -d --name db redis",
            "  ctr checkpoint --export db.tar.zst --tcp-established db",
            "  ctr restore --import db.tar.zst --tcp-established",
            "  ctr ps -a",
            "",
            "Every option before the command can also be set by an environment variable, such as CTR_ROOT, or in",
            "/etc/ctr/ctr.toml. Exit codes: 125 is an error of ctr, 126 and 127 are of the program to run, others are",
            "the container's own."
        })
final class RootCommand {
    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli fills it; what it holds is read by the settings
    private final GlobalFlags flags;

    RootCommand(GlobalFlags flags) {
        this.flags = flags;
    }
}
