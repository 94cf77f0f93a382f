package dev.ctr.criu.linux;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * File names as the kernel has them: bytes without an encoding. {@link Path#toString} loses bytes that are no characters
 * in the JVM's locale, and {@link Path#of(String, String...)} refuses characters that the locale lacks; these conversions
 * lose and refuse nothing.
 */
public final class PathBytes {
    private static final Path ROOT = Path.of("/");

    private PathBytes() {}

    /** The exact bytes of a path, without a terminating NUL. */
    public static byte[] of(Path path) {
        String text = path.toString();
        if (isAscii(text)) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        // A file URI is the one form in which the JDK shows a path's bytes. It is absolute, and ends in a slash
        // when the path is a directory.
        byte[] absolute = unescape(ROOT.resolve(path).toUri().getRawPath());
        int end = absolute[absolute.length - 1] == '/' ? absolute.length - 1 : absolute.length;
        return Arrays.copyOfRange(absolute, path.isAbsolute() ? 0 : 1, end);
    }

    /** The path with exactly these bytes, absolute or relative. */
    public static Path path(byte[] bytes) {
        boolean absolute = bytes.length > 0 && bytes[0] == '/';
        StringBuilder text = new StringBuilder(bytes.length + 16);
        boolean ascii = true;
        for (byte b : bytes) {
            ascii &= b >= 0;
            text.append((char) (b & 0xff));
        }
        if (ascii) {
            return Path.of(text.toString());
        }
        StringBuilder uri = new StringBuilder(absolute ? "file://" : "file:///");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '/' || (c < 0x80 && Character.isLetterOrDigit(c))) {
                uri.append(c);
            } else {
                uri.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        Path path = Path.of(URI.create(uri.toString()));
        return absolute ? path : path.subpath(0, path.getNameCount());
    }

    /** The bytes of a path as C wants them, with a terminating NUL. */
    static byte[] terminated(Path path) {
        byte[] bytes = of(path);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    /** A string in UTF-8 as C wants it, with a terminating NUL. */
    static byte[] terminated(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static byte[] unescape(String rawPath) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(rawPath.length());
        for (int i = 0; i < rawPath.length(); i++) {
            char c = rawPath.charAt(i);
            if (c == '%') {
                bytes.write(Integer.parseInt(rawPath, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }
}
