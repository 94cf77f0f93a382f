package dev.ctr.archive;

import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.Xattrs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which extended attributes travel: {@code user.*}, file capabilities, POSIX access control lists and {@code trusted.*}. Not
 * overlayfs's own, which would let an archive redirect a directory elsewhere, and no security labels, which are the receiving
 * host's to give.
 */
final class ExtendedAttributes {
    static final String OPAQUE = "trusted.overlay.opaque";
    static final String REDIRECT = "trusted.overlay.redirect";
    static final String METACOPY = "trusted.overlay.metacopy";
    static final String ACCESS_ACL = "system.posix_acl_access";
    static final String DEFAULT_ACL = "system.posix_acl_default";

    private static final String OVERLAY = "trusted.overlay.";
    private static final String CAPABILITY = "security.capability";

    private ExtendedAttributes() {}

    /** Whether an attribute of this name is archived and restored. */
    static boolean travels(String name) {
        return name.startsWith("user.")
                || name.equals(CAPABILITY)
                || name.equals(ACCESS_ACL)
                || name.equals(DEFAULT_ACL)
                || (name.startsWith("trusted.") && !name.startsWith(OVERLAY));
    }

    /** The attributes of a file that are archived. */
    static Map<String, byte[]> read(Path file) throws LinuxException {
        List<String> names = Xattrs.list(file);
        if (names.isEmpty()) {
            return Map.of();
        }
        Map<String, byte[]> found = new TreeMap<>();
        for (String name : names) {
            if (travels(name)) {
                Xattrs.get(file, name).ifPresent(value -> found.put(name, value));
            }
        }
        return found.isEmpty() ? Map.of() : found;
    }

    /** Sets what travels; names what could not be set in {@code warnings}. */
    static void write(Path file, TarEntry entry, List<String> warnings) throws LinuxException {
        for (String name : entry.removedXattrs()) {
            if (travels(name)) {
                Xattrs.remove(file, name);
            }
        }
        for (Map.Entry<String, byte[]> attribute : entry.xattrs().entrySet()) {
            String name = attribute.getKey();
            if (!travels(name)) {
                warnings.add("left out the attribute %s of \"%s\": it is not one that an archive may set"
                        .formatted(name, entry.name()));
                continue;
            }
            try {
                Xattrs.set(file, name, attribute.getValue());
            } catch (LinuxException e) {
                if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EPERM) {
                    throw e;
                }
                warnings.add("left out the attribute %s of \"%s\": the file system refuses it"
                        .formatted(name, entry.name()));
            }
        }
    }

    static boolean isOpaque(Path directory) throws LinuxException {
        return Xattrs.get(directory, OPAQUE)
                .filter(value -> value.length == 1 && value[0] == 'y')
                .isPresent();
    }
}
