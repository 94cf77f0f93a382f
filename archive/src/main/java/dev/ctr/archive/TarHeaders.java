package dev.ctr.archive;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The header blocks of a tar entry: POSIX.1-2001 (pax) where ustar's fields do not suffice, else plain ustar. Extended
 * attributes are {@code SCHILY.xattr.NAME} records with raw values, as star, Go's archive/tar and podman write them (GNU
 * tar reads them too).
 */
final class TarHeaders {
    static final int BLOCK = 512;

    /** Two blocks of zeros end an archive. */
    static final int END_SIZE = 2 * BLOCK;

    static final String XATTR_KEY = "SCHILY.xattr.";

    /** Ours: an attribute that the directory had in the image and has no more. Other readers ignore it. */
    static final String REMOVED_XATTR_KEY = "CTR.removed-xattr.";

    static final int NAME_LENGTH = 100;
    private static final long MAX_11_DIGITS = 077777777777L;
    private static final long MAX_7_DIGITS = 07777777L;

    private TarHeaders() {}

    /** Bytes that content of this size takes in the archive. */
    static long padded(long size) {
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** All header blocks of an entry. */
    static byte[] encode(TarEntry entry) {
        Map<String, byte[]> records = extendedRecords(entry);
        byte[] main = ustar(entry);
        if (records.isEmpty()) {
            return main;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        records.forEach((key, value) -> body.writeBytes(record(key, value)));
        String name = "PaxHeaders.0/" + lastElement(entry.name());
        TarEntry extension = TarEntry.plain(
                name, TarEntry.Kind.FILE, 0644, body.size(), Instant.ofEpochSecond(clampedSeconds(entry.modified())));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(ustar(extension, 'x'));
        all.writeBytes(Arrays.copyOf(body.toByteArray(), Math.toIntExact(padded(body.size()))));
        all.writeBytes(main);
        return all.toByteArray();
    }

    private static Map<String, byte[]> extendedRecords(TarEntry entry) {
        Map<String, byte[]> records = new LinkedHashMap<>();
        addName(records, "path", entry.name());
        addName(records, "linkpath", entry.linkName());
        addNumber(records, "size", entry.size(), MAX_11_DIGITS);
        addNumber(records, "uid", entry.uid(), MAX_7_DIGITS);
        addNumber(records, "gid", entry.gid(), MAX_7_DIGITS);
        Instant modified = entry.modified();
        if (modified.getNano() != 0 || clampedSeconds(modified) != modified.getEpochSecond()) {
            records.put("mtime", ascii(decimalSeconds(modified)));
        }
        new TreeMap<>(entry.xattrs()).forEach((name, value) -> records.put(XATTR_KEY + escape(name), value));
        for (String name : new TreeSet<>(entry.removedXattrs())) {
            records.put(REMOVED_XATTR_KEY + escape(name), ascii("1"));
        }
        return records;
    }

    /** A key ends at its first equals sign; GNU tar writes one in an attribute's name so. */
    private static String escape(String xattr) {
        return xattr.replace("%", "%25").replace("=", "%3D");
    }

    static String unescape(String xattr) {
        return xattr.replace("%3D", "=").replace("%25", "%");
    }

    private static void addName(Map<String, byte[]> records, String key, String name) {
        byte[] bytes = FileNames.encode(name);
        boolean ascii = bytes.length == name.length() && name.chars().allMatch(c -> c < 0x80);
        if (bytes.length > NAME_LENGTH || !ascii) {
            records.put(key, bytes);
        }
    }

    private static void addNumber(Map<String, byte[]> records, String key, long value, long max) {
        if (value > max) {
            records.put(key, ascii(Long.toString(value)));
        }
    }

    /** {@code LENGTH KEY=VALUE\n}, where the length counts its own digits. */
    private static byte[] record(String key, byte[] value) {
        byte[] keyBytes = FileNames.encode(key);
        int rest = keyBytes.length + value.length + 3;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        ByteArrayOutputStream out = new ByteArrayOutputStream(length);
        out.writeBytes(ascii(length + " "));
        out.writeBytes(keyBytes);
        out.write('=');
        out.writeBytes(value);
        out.write('\n');
        return out.toByteArray();
    }

    private static byte[] ustar(TarEntry entry) {
        return ustar(entry, entry.kind().flag);
    }

    private static byte[] ustar(TarEntry entry, char flag) {
        byte[] block = new byte[BLOCK];
        put(block, 0, NAME_LENGTH, FileNames.encode(entry.name()));
        putOctal(block, 100, 8, entry.mode());
        putOctal(block, 108, 8, Math.min(entry.uid(), MAX_7_DIGITS));
        putOctal(block, 116, 8, Math.min(entry.gid(), MAX_7_DIGITS));
        putOctal(block, 124, 12, Math.min(entry.size(), MAX_11_DIGITS));
        putOctal(block, 136, 12, clampedSeconds(entry.modified()));
        block[156] = (byte) flag;
        put(block, 157, NAME_LENGTH, FileNames.encode(entry.linkName()));
        put(block, 257, 8, ascii("ustar\00000"));
        putOctal(block, 329, 8, entry.deviceMajor());
        putOctal(block, 337, 8, entry.deviceMinor());
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        put(block, 148, 7, ascii("%06o\0".formatted(sum)));
        return block;
    }

    private static void put(byte[] block, int offset, int length, byte[] value) {
        System.arraycopy(value, 0, block, offset, Math.min(length, value.length));
    }

    private static void putOctal(byte[] block, int offset, int length, long value) {
        String digits = Long.toOctalString(value);
        String zeros = "0".repeat(Math.max(0, length - 1 - digits.length()));
        put(block, offset, length - 1, ascii(zeros + digits));
    }

    private static long clampedSeconds(Instant time) {
        return Math.max(0, Math.min(MAX_11_DIGITS, time.getEpochSecond()));
    }

    private static String decimalSeconds(Instant time) {
        return BigDecimal.valueOf(time.getEpochSecond())
                .add(BigDecimal.valueOf(time.getNano(), 9))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String lastElement(String name) {
        String trimmed = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        return trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
