package dev.ctr.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** A container's time zone: the file that its /etc/localtime is to be. */
final class LocalTime {
    static final String PLACE = "/etc/localtime";
    private static final Path ZONES = Path.of("/usr/share/zoneinfo");
    private static final Path HOSTS_OWN = Path.of("/etc/localtime");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*");
    private static final long LARGEST = 1 << 20;

    private LocalTime() {}

    /** @throws EngineException with INVALID_ARGUMENT if this host does not know the zone */
    static void check(String zone) {
        Path file = file(zone);
        if (!Files.isRegularFile(file)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "running container create option: stat " + file + ": no such file or directory");
        }
    }

    /** The zone's rules, as tzfile(5) has them. */
    static byte[] rules(String zone) throws IOException {
        check(zone);
        Path file = file(zone);
        if (Files.size(file) > LARGEST) {
            throw new IOException(file + " is too large for the rules of a time zone");
        }
        return Files.readAllBytes(file);
    }

    private static Path file(String zone) {
        if (zone.equals("local")) {
            return HOSTS_OWN;
        }
        if (!NAME.matcher(zone).matches()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "\"" + zone + "\" is not the name of a time zone");
        }
        return ZONES.resolve(zone);
    }
}
