package dev.ctr.lifecycle;

import dev.ctr.criu.CriuConfigurationFile;

/**
 * What CRIU may do in a dump or a restore beyond what a runtime's command line can ask for (criu(8), the options of the same
 * names). It reaches CRIU by the container's configuration file.
 *
 * @param tcpSkipInFlight leaves out TCP connections that no program of the container has accepted yet; their peers find them
 *     closed
 * @param linkRemap lets a dump give an open file that has lost its name, but not its last link, a name for the time being
 * @param externalUnixSockets leaves datagram sockets connected to a program outside of the container, which must be there
 *     under the same path when the container is restored; needed on both sides
 * @param ghostLimitBytes how large a deleted file that is still open may be to be kept in the dump; 0 for CRIU's limit of 1 MiB
 */
public record CriuFlags(boolean tcpSkipInFlight, boolean linkRemap, boolean externalUnixSockets, long ghostLimitBytes) {
    /** As CRIU does without being told. */
    public static final CriuFlags NONE = new CriuFlags(false, false, false, 0);

    /** CRIU keeps the limit in 32 bits. */
    public static final long LARGEST_GHOST_LIMIT = (1L << 32) - 1;

    /** Checks the limit. */
    public CriuFlags {
        if (ghostLimitBytes < 0 || ghostLimitBytes > LARGEST_GHOST_LIMIT) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "the limit for deleted files must be less than 4 GiB, not " + ghostLimitBytes + " bytes");
        }
    }

    CriuConfigurationFile addTo(CriuConfigurationFile file) {
        CriuConfigurationFile more = tcpSkipInFlight ? file.with("skip-in-flight") : file;
        more = linkRemap ? more.with("link-remap") : more;
        more = externalUnixSockets ? more.with("ext-unix-sk") : more;
        return ghostLimitBytes == 0 ? more : more.with("ghost-limit", Long.toString(ghostLimitBytes));
    }
}
