package dev.ctr.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What pax records and GNU's long names say about an entry beyond its header block. Values stay bytes: attributes are
 * binary. Malformed records are an {@link IllegalArgumentException} that says what is wrong.
 */
final class PaxRecords {
    private static final int MAX_LENGTH_DIGITS = 9;

    private final Map<String, byte[]> values = new LinkedHashMap<>();

    /** Adds the records {@code LENGTH KEY=VALUE\n} of an extended header; a later one replaces an earlier one. */
    void addAll(byte[] body) {
        int at = 0;
        while (at < body.length && body[at] != 0) {
            int space = indexOf(body, ' ', at, Math.min(body.length, at + MAX_LENGTH_DIGITS + 1));
            int end = at + length(body, at, space);
            if (end > body.length || end <= space + 2 || body[end - 1] != '\n') {
                throw new IllegalArgumentException("an extended header's record has a wrong length");
            }
            int equals = indexOf(body, '=', space + 1, end);
            String key = FileNames.decode(body, space + 1, equals - space - 1);
            byte[] value = new byte[end - 1 - equals - 1];
            System.arraycopy(body, equals + 1, value, 0, value.length);
            values.put(key, value);
            at = end;
        }
    }

    /** Sets the name, from GNU's entry of type L. */
    void setName(byte[] name) {
        values.put("path", untilNul(name));
    }

    /** Sets the link's target, from GNU's entry of type K. */
    void setLinkName(byte[] name) {
        values.put("linkpath", untilNul(name));
    }

    /** These records, with those of one entry in their place where it has its own. */
    PaxRecords with(PaxRecords local) {
        PaxRecords both = new PaxRecords();
        both.values.putAll(values);
        both.values.putAll(local.values);
        return both;
    }

    /** A name; an empty record counts as none. */
    Optional<String> name(String key) {
        byte[] value = values.getOrDefault(key, new byte[0]);
        for (byte b : value) {
            if (b == 0) {
                throw new IllegalArgumentException("a name has a NUL in it");
            }
        }
        return value.length == 0 ? Optional.empty() : Optional.of(FileNames.decode(value));
    }

    /** The text of a record; an empty record counts as none. */
    Optional<String> text(String key) {
        byte[] value = values.getOrDefault(key, new byte[0]);
        return value.length == 0 ? Optional.empty() : Optional.of(new String(value, StandardCharsets.ISO_8859_1));
    }

    /** Whether there is a record whose key starts so. */
    boolean hasPrefix(String prefix) {
        return values.keySet().stream().anyMatch(key -> key.startsWith(prefix));
    }

    /** The extended attributes. */
    Map<String, byte[]> xattrs() {
        if (!hasPrefix(TarHeaders.XATTR_KEY)) {
            return Map.of();
        }
        Map<String, byte[]> xattrs = new TreeMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(TarHeaders.XATTR_KEY) && key.length() > TarHeaders.XATTR_KEY.length()) {
                xattrs.put(TarHeaders.unescape(key.substring(TarHeaders.XATTR_KEY.length())), value);
            }
        });
        return xattrs;
    }

    /** The attributes that an existing directory loses. */
    Set<String> removedXattrs() {
        Set<String> names = new TreeSet<>();
        for (String key : values.keySet()) {
            if (key.startsWith(TarHeaders.REMOVED_XATTR_KEY)) {
                names.add(TarHeaders.unescape(key.substring(TarHeaders.REMOVED_XATTR_KEY.length())));
            }
        }
        return names;
    }

    private static int length(byte[] body, int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++) {
            if (body[i] < '0' || body[i] > '9') {
                throw new IllegalArgumentException("an extended header's record has no length");
            }
            length = length * 10 + body[i] - '0';
        }
        return length;
    }

    private static int indexOf(byte[] body, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (body[i] == wanted) {
                return i;
            }
        }
        throw new IllegalArgumentException("an extended header's record lacks its \"" + wanted + "\"");
    }

    private static byte[] untilNul(byte[] name) {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return Arrays.copyOf(name, length);
    }
}
