package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an entry goes: a relative path without {@code .}, {@code ..} and empty parts.
 *
 * @param value the parts joined by slashes; empty for the root itself
 */
record EntryPath(String value) {
    /** PATH_MAX of Linux. */
    private static final int MAX_LENGTH = 4096;

    private static final int SHOWN = 40;

    /**
     * Parses the name of an entry, or of the entry a hard link names.
     *
     * @param source the archive, as an error names it
     * @throws ArchiveException if the name is absolute or has a {@code ..}
     */
    static EntryPath parse(String name, String source) throws ArchiveException {
        if (name.startsWith("/")) {
            throw unsafe(name, source, "is an absolute name");
        }
        return relative(name, source);
    }

    /** As {@link #parse}, for names that begin with the root of the tree they belong to. */
    static EntryPath parseBelowRoot(String name, String source) throws ArchiveException {
        return relative(name, source);
    }

    private static EntryPath relative(String name, String source) throws ArchiveException {
        if (name.length() > MAX_LENGTH) {
            throw new ArchiveException(
                    Code.LIMIT,
                    "an entry of %s has a name of %d bytes (\"%s…\"), more than any file has: do not trust this archive"
                            .formatted(source, name.length(), name.substring(0, SHOWN)));
        }
        List<String> parts = new ArrayList<>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                throw unsafe(name, source, "leads out of its directory");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return new EntryPath(String.join("/", parts));
    }

    private static ArchiveException unsafe(String name, String source, String why) {
        return new ArchiveException(
                Code.UNSAFE_ENTRY, "entry \"%s\" of %s %s: do not trust this archive".formatted(name, source, why));
    }

    boolean isRoot() {
        return value.isEmpty();
    }

    /** The directory it is in; for the root, the root. */
    EntryPath parent() {
        int slash = value.lastIndexOf('/');
        return new EntryPath(slash < 0 ? "" : value.substring(0, slash));
    }

    /** The last part; {@code .} for the root. */
    String name() {
        return isRoot() ? "." : value.substring(value.lastIndexOf('/') + 1);
    }

    /** Whether this is another path or something in it. */
    boolean isBelow(EntryPath other) {
        return other.isRoot() || value.equals(other.value) || value.startsWith(other.value + "/");
    }

    EntryPath sibling(String name) {
        EntryPath parent = parent();
        return new EntryPath(parent.isRoot() ? name : parent.value + "/" + name);
    }
}
