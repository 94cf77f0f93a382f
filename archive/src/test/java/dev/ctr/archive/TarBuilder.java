package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** Makes tars entry by entry, also such as nobody should. */
final class TarBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TarBuilder file(String name, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return add(TarEntry.plain(name, Kind.FILE, 0644, bytes.length, Instant.EPOCH), bytes);
    }

    TarBuilder directory(String name) {
        return add(TarEntry.plain(name, Kind.DIRECTORY, 0755, 0, Instant.EPOCH), new byte[0]);
    }

    TarBuilder symbolicLink(String name, String target) {
        return link(name, Kind.SYMBOLIC_LINK, target);
    }

    TarBuilder hardLink(String name, String target) {
        return link(name, Kind.HARD_LINK, target);
    }

    TarBuilder device(String name, int major, int minor) {
        return add(
                new TarEntry(
                        name,
                        Kind.CHARACTER_DEVICE,
                        0666,
                        0,
                        0,
                        0,
                        Instant.EPOCH,
                        "",
                        major,
                        minor,
                        Map.of(),
                        Set.of()),
                new byte[0]);
    }

    TarBuilder fileWithXattr(String name, String xattr, byte[] value) {
        return add(
                new TarEntry(name, Kind.FILE, 0644, 0, 0, 0, Instant.EPOCH, "", 0, 0, Map.of(xattr, value), Set.of()),
                new byte[0]);
    }

    TarBuilder add(TarEntry entry, byte[] content) {
        out.writeBytes(TarHeaders.encode(entry));
        out.writeBytes(content);
        out.writeBytes(new byte[(int) (TarHeaders.padded(content.length) - content.length)]);
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(out.toByteArray());
        whole.writeBytes(new byte[TarHeaders.END_SIZE]);
        return whole.toByteArray();
    }

    InputStream stream() {
        return new ByteArrayInputStream(bytes());
    }

    static byte[] compress(byte[] content, Compression compression) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = compression.compress(out, 1)) {
            compressing.write(content);
        }
        return out.toByteArray();
    }

    private TarBuilder link(String name, Kind kind, String target) {
        return add(
                new TarEntry(name, kind, 0777, 0, 0, 0, Instant.EPOCH, target, 0, 0, Map.of(), Set.of()), new byte[0]);
    }
}
