package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process may do (capabilities(7)). Needs no native code.
 *
 * @param bits the effective set
 */
public record EffectiveCapabilities(long bits) {
    public static final int CAP_NET_ADMIN = 12;
    public static final int CAP_SYS_PTRACE = 19;
    public static final int CAP_SYS_ADMIN = 21;
    public static final int CAP_SYS_RESOURCE = 24;
    public static final int CAP_CHECKPOINT_RESTORE = 40;

    /** Reads the calling process's set. */
    public static EffectiveCapabilities read() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("CapEff:")) {
                return new EffectiveCapabilities(Long.parseUnsignedLong(
                        line.substring("CapEff:".length()).strip(), 16));
            }
        }
        throw new IOException("/proc/self/status does not tell the capabilities");
    }

    public boolean has(int capability) {
        return ((bits >>> capability) & 1) == 1;
    }
}
