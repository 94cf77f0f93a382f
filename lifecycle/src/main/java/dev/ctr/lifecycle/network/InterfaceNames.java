package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Names of network interfaces: 1 to 15 bytes, as the kernel has it (dev_valid_name in net/core/dev.c). */
final class InterfaceNames {
    private static final Pattern NAME = Pattern.compile("[^/:\\s%]{1,15}");
    private static final Path LINKS = Path.of("/proc/thread-self/net/dev");

    private InterfaceNames() {}

    static boolean isValid(String name) {
        return NAME.matcher(name).matches() && !name.equals(".") && !name.equals("..");
    }

    /** @throws EngineException INVALID_ARGUMENT if no interface can have this name */
    static void require(String name) {
        if (!isValid(name)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + name + "\" is not an interface name: use 1 to 15 characters, such as eth0");
        }
    }

    /** Whether the calling thread's network namespace has such an interface. */
    static boolean exists(String name) throws IOException {
        return Files.readAllLines(LINKS).stream().anyMatch(line -> line.strip().startsWith(name + ":"));
    }
}
