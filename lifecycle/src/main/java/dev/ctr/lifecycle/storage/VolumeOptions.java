package dev.ctr.lifecycle.storage;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the local driver was told: the options of {@code podman volume create --opt}. A volume is a directory of its own,
 * perhaps of another owner, or a directory that the host has; other file systems are the host's to mount.
 *
 * @param device the host's directory
 * @param uid the owner of the volume's own directory
 * @param gid its group
 */
record VolumeOptions(Optional<Path> device, OptionalInt uid, OptionalInt gid) {
    private static final String TYPE = "type";
    private static final String DEVICE = "device";
    private static final String FLAGS = "o";

    /**
     * Reads options.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} for those that mean nothing here
     */
    static VolumeOptions parse(Map<String, String> options) {
        for (String key : options.keySet()) {
            if (!key.equals(TYPE) && !key.equals(DEVICE) && !key.equals(FLAGS)) {
                throw invalid("invalid mount option " + key + " for driver 'local': invalid argument");
            }
        }
        OptionalInt uid = OptionalInt.empty();
        OptionalInt gid = OptionalInt.empty();
        boolean bind = false;
        for (String flag : options.getOrDefault(FLAGS, "").split(",", -1)) {
            if (flag.startsWith("uid=")) {
                uid = OptionalInt.of(number(flag));
            } else if (flag.startsWith("gid=")) {
                gid = OptionalInt.of(number(flag));
            } else if (flag.equals("bind") || flag.equals("rbind")) {
                bind = true;
            } else if (flag.startsWith("size=") || flag.startsWith("inodes=")) {
                throw invalid(
                        "volume options size and inodes not supported: use a directory of a file system with quotas"
                                + " by type=none, o=bind and device=DIR");
            } else if (!flag.isEmpty()) {
                throw invalid("volume option o=" + flag
                        + " is not supported: give it to the mount, as in -v NAME:/path:" + flag);
            }
        }
        Optional<Path> device = device(options, bind);
        if (device.isPresent() && (uid.isPresent() || gid.isPresent())) {
            throw invalid("the owner of " + device.get() + " is the host's to change: leave out uid and gid");
        }
        return new VolumeOptions(device, uid, gid);
    }

    private static Optional<Path> device(Map<String, String> options, boolean bind) {
        String type = options.getOrDefault(TYPE, bind ? "none" : "");
        Optional<Path> device = deviceOf(options);
        if (type.isEmpty() && device.isEmpty() && !bind) {
            return Optional.empty();
        }
        if (!type.equals("none") && !type.equals("bind")) {
            throw invalid(
                    "volume option type=" + type + " is not supported: for memory give the container --tmpfs, and mount"
                            + " another file system on the host, then make the volume with type=none, o=bind and device=DIR");
        }
        if (!bind || device.isEmpty()) {
            throw invalid("a volume of type " + type + " needs o=bind and device=DIR");
        }
        if (!device.get().isAbsolute() || !Files.isDirectory(device.get())) {
            throw invalid(
                    "the volume's device " + device.get() + " is not the absolute path of a directory of this host");
        }
        return device;
    }

    /** The directory of options that were parsed before. */
    static Optional<Path> deviceOf(Map<String, String> options) {
        return Optional.ofNullable(options.get(DEVICE))
                .filter(text -> !text.isEmpty())
                .map(Path::of);
    }

    private static int number(String flag) {
        try {
            int number = Integer.parseInt(flag.substring("uid=".length()));
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw invalid("volume option " + flag + " is not a number");
        }
        throw invalid("volume option " + flag + " is negative");
    }

    /** Makes a new volume's directory its owner's. */
    void giveAway(Path directory) throws IOException {
        if (uid.isPresent()) {
            Files.setAttribute(directory, "unix:uid", uid.getAsInt());
        }
        if (gid.isPresent()) {
            Files.setAttribute(directory, "unix:gid", gid.getAsInt());
        }
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}
