package dev.ctr.cli.checkpoint;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells whether this process is root's. */
final class Root {
    private static final Path THIS_PROCESS = Path.of("/proc/self");

    private Root() {}

    /** Fails with the message unless the effective user is root. */
    static void require(String otherwise) {
        try {
            if (!Integer.valueOf(0).equals(Files.getAttribute(THIS_PROCESS, "unix:uid"))) {
                throw new Failure(otherwise);
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot tell whether this is root: " + e.getMessage(), e);
        }
    }
}
