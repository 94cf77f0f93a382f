package dev.ctr.cli.checkpoint;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.ByteSize;
import dev.ctr.lifecycle.CriuFlags;
import picocli.CommandLine.Option;

/** The options of CRIU's own, which a checkpoint and the restore from it take alike. */
final class CriuOptions {
    @Option(names = "--tcp-skip-in-flight", description = "Leave out TCP connections that were not accepted yet")
    private boolean tcpSkipInFlight;

    @Option(
            names = "--ghost-limit",
            paramLabel = "SIZE",
            description = "Keep deleted files that are still open up to this size each (default: 1m)")
    private String ghostLimit = "";

    @Option(
            names = "--link-remap",
            description = "Keep open files that have lost the name they were opened by but have another")
    private boolean linkRemap;

    @Option(
            names = "--ext-unix-sk",
            description = "Leave unix datagram sockets connected to programs outside; needed on restore too")
    private boolean externalUnixSockets;

    /**
     * The flags.
     *
     * @throws Failure if the size is none that CRIU takes
     */
    CriuFlags value() {
        return new CriuFlags(tcpSkipInFlight, linkRemap, externalUnixSockets, ghostLimitBytes());
    }

    private long ghostLimitBytes() {
        if (ghostLimit.isEmpty()) {
            return 0;
        }
        long bytes = ByteSize.parse(ghostLimit).bytes();
        if (bytes == 0 || bytes > CriuFlags.LARGEST_GHOST_LIMIT) {
            throw new Failure("invalid argument \"" + ghostLimit
                    + "\" for \"--ghost-limit\" flag: it must be more than 0 and less than 4g");
        }
        return bytes;
    }
}
