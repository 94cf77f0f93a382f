package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** One header block of 512 bytes as read. Fields that cannot be are an {@link IllegalArgumentException}. */
final class HeaderBlock {
    private static final long MAX_SECONDS = 1_000_000_000_000_000L;
    private static final int PERMISSIONS = 07777;
    private static final Pattern DECIMAL_SECONDS = Pattern.compile("-?\\d{1,15}(\\.\\d{0,30})?");

    private final byte[] block;

    private HeaderBlock(byte[] block) {
        this.block = block;
    }

    static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** Verifies the block's checksum, which some old programs summed over signed bytes. */
    static HeaderBlock parse(byte[] block) {
        long stored = octal(block, 148, 8, "checksum");
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < block.length; i++) {
            byte b = i >= 148 && i < 156 ? (byte) ' ' : block[i];
            unsigned += b & 0xff;
            signed += b;
        }
        if (stored != unsigned && stored != signed) {
            throw new IllegalArgumentException("a header's checksum is wrong");
        }
        return new HeaderBlock(block);
    }

    char flag() {
        return (char) (block[156] & 0xff);
    }

    long size() {
        return notNegative(number(124, 12, "size"), "size");
    }

    /**
     * The entry that this block and the records before it describe.
     *
     * @param source the archive, as an error names it
     */
    TarEntry entry(PaxRecords records, String source) throws ArchiveException {
        String name = records.name("path").orElseGet(this::name);
        Kind kind = kind(name, records, source);
        long size = records.text("size").map(s -> decimal(s, "size")).orElseGet(this::size);
        Map<String, byte[]> xattrs = records.xattrs();
        Set<String> removed = records.removedXattrs();
        return new TarEntry(
                name,
                kind,
                (int) (number(100, 8, "mode") & PERMISSIONS),
                id(records, "uid", 108),
                id(records, "gid", 116),
                kind == Kind.FILE ? size : 0,
                modified(records),
                kind == Kind.HARD_LINK || kind == Kind.SYMBOLIC_LINK
                        ? records.name("linkpath").orElseGet(() -> string(157, TarHeaders.NAME_LENGTH))
                        : "",
                kind.isDevice() ? deviceNumber(329) : 0,
                kind.isDevice() ? deviceNumber(337) : 0,
                xattrs,
                removed);
    }

    private Kind kind(String name, PaxRecords records, String source) throws ArchiveException {
        char flag = flag();
        if (flag == 'S' || records.hasPrefix("GNU.sparse.")) {
            throw unsupported(name, source, "a sparse file: make the archive without --sparse");
        }
        return switch (flag) {
            case '0', '\0', '7' -> name.endsWith("/") ? Kind.DIRECTORY : Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMBOLIC_LINK;
            case '3' -> Kind.CHARACTER_DEVICE;
            case '4' -> Kind.BLOCK_DEVICE;
            case '5' -> Kind.DIRECTORY;
            case '6' -> Kind.FIFO;
            default ->
                throw unsupported(
                        name,
                        source,
                        "of type \"%s\", which has no meaning here: make the archive anew".formatted(flag));
        };
    }

    private static ArchiveException unsupported(String name, String source, String what) {
        return new ArchiveException(Code.UNSUPPORTED, "entry \"%s\" of %s is %s".formatted(name, source, what));
    }

    private String name() {
        String name = string(0, TarHeaders.NAME_LENGTH);
        boolean posix = Arrays.equals(block, 257, 263, "ustar\0".getBytes(StandardCharsets.US_ASCII), 0, 6);
        String prefix = posix ? string(345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private long id(PaxRecords records, String key, int offset) {
        long id = records.text(key).map(s -> decimal(s, key)).orElseGet(() -> number(offset, 8, key));
        if (id < 0 || id > 0xffff_fffeL) {
            throw new IllegalArgumentException(key + " " + id + " is none");
        }
        return id;
    }

    private int deviceNumber(int offset) {
        long number = number(offset, 8, "device number");
        if (number < 0 || number > 0xfffff) {
            throw new IllegalArgumentException("device number " + number + " is none");
        }
        return (int) number;
    }

    private Instant modified(PaxRecords records) {
        String text = records.text("mtime").orElse("");
        if (text.isEmpty()) {
            return instant(BigDecimal.valueOf(number(136, 12, "mtime")));
        }
        if (!DECIMAL_SECONDS.matcher(text).matches()) {
            throw new IllegalArgumentException("the time \"" + text + "\" is none");
        }
        return instant(new BigDecimal(text.endsWith(".") ? text + "0" : text));
    }

    private static Instant instant(BigDecimal seconds) {
        if (seconds.abs().compareTo(BigDecimal.valueOf(MAX_SECONDS)) >= 0) {
            throw new IllegalArgumentException("the time " + seconds + " is none");
        }
        BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
        long nanos = seconds.subtract(whole).movePointRight(9).longValue();
        return Instant.ofEpochSecond(whole.longValueExact(), nanos);
    }

    private String string(int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return FileNames.decode(block, offset, end - offset);
    }

    /** A number in octal digits, or, with the first bit set, in base 256 (GNU). */
    private long number(int offset, int length, String what) {
        if ((block[offset] & 0x80) == 0) {
            return octal(block, offset, length, what);
        }
        boolean negative = (block[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int digit = block[offset + i] & (i == 0 ? 0x3f : 0xff);
            if (value > (Long.MAX_VALUE >> 8) || value < (Long.MIN_VALUE >> 8)) {
                throw new IllegalArgumentException("a header's " + what + " is too large");
            }
            value = (i == 0 && negative) ? digit - 0x40 : (value << 8) | digit;
        }
        return value;
    }

    /** Octal digits between spaces or NULs; what follows the first NUL after a digit is left alone. */
    private static long octal(byte[] block, int offset, int length, String what) {
        int at = offset;
        int end = offset + length;
        while (at < end && isFill(block[at])) {
            at++;
        }
        long value = 0;
        while (at < end && block[at] >= '0' && block[at] <= '7') {
            value = (value << 3) | (block[at] - '0');
            at++;
        }
        if (at < end && !isFill(block[at])) {
            throw new IllegalArgumentException("a header's " + what + " is no number");
        }
        return value;
    }

    private static boolean isFill(byte b) {
        return b == 0 || b == ' ';
    }

    private static long decimal(String text, String what) {
        boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || text.isEmpty() || text.length() > 18) {
            throw new IllegalArgumentException("an extended header's " + what + " is no number");
        }
        return Long.parseLong(text);
    }

    private static long notNegative(long value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException("a header's " + what + " is negative");
        }
        return value;
    }
}
