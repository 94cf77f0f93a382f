package dev.ctr.cli.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The streams that a command is started with. */
public enum StandardStream {
    OUTPUT(1),
    ERRORS(2);

    private final Path descriptor;

    StandardStream(int number) {
        this.descriptor = Path.of("/proc/self/fd", Integer.toString(number));
    }

    /** Whether it is a terminal. Told by the name of what is open, which spares loading native code. */
    public boolean isTerminal() {
        try {
            String device = Files.readSymbolicLink(descriptor).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
