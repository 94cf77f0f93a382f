package dev.ctr.archive;

import dev.ctr.criu.linux.PathBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * File names as strings that lose nothing. A name is bytes to the kernel and to tar, usually UTF-8. A byte that is not
 * part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, as in Python's PEP 383, and that byte again on the way
 * back.
 */
final class FileNames {
    private static final char ESCAPE = 0xDC00;

    /** A link's text may end so; a path does not have them. */
    private static final Pattern SLASHES_AT_END = Pattern.compile("/+$");

    private FileNames() {}

    /** The name with these bytes. */
    static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /** The name with these bytes. */
    static String decode(byte[] bytes, int offset, int length) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharBuffer out = CharBuffer.allocate(length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xff)));
            }
            decoder.reset();
        }
    }

    /** The bytes of a name. */
    static byte[] encode(String name) {
        if (name.chars().noneMatch(c -> isEscape((char) c))) {
            return name.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length() + 8);
        name.codePoints().forEach(c -> {
            if (c <= 0xffff && isEscape((char) c)) {
                bytes.write(c & 0xff);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /** The name of a path, or of the last element of one. */
    static String of(Path path) {
        return decode(PathBytes.of(path));
    }

    /** The text of a symbolic link, as {@code Files.readSymbolicLink} returns it, slashes at the end included. */
    static String ofLinkTarget(Path target) {
        String shown = target.toString();
        String withoutSlashes = SLASHES_AT_END.matcher(of(target)).replaceFirst("");
        Matcher slashes = SLASHES_AT_END.matcher(shown);
        return slashes.find() ? withoutSlashes + slashes.group() : withoutSlashes;
    }

    /** The path of a name, absolute or relative as the name is. */
    static Path path(String name) {
        return PathBytes.path(encode(name));
    }

    private static boolean isEscape(char c) {
        return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff;
    }
}
