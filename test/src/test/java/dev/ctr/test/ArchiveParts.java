package dev.ctr.test;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The entries of a checkpoint archive, to be changed and put together again, as another program would: without a manifest. */
final class ArchiveParts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, byte[]> files;

    private ArchiveParts(Map<String, byte[]> files) {
        this.files = files;
    }

    /** Takes apart an archive that is not compressed. */
    static ArchiveParts of(Path archive) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile() && !entry.getName().equals("ctr.manifest.json")) {
                    files.put(entry.getName(), tar.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ArchiveParts(files);
    }

    ArchiveParts copy() {
        return new ArchiveParts(new LinkedHashMap<>(files));
    }

    ArchiveParts without(String name) {
        files.remove(name);
        return this;
    }

    ArchiveParts with(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    ArchiveParts with(String name, String content) {
        return with(name, content.getBytes(StandardCharsets.UTF_8));
    }

    ArchiveParts spec(Consumer<ObjectNode> change) {
        return json("spec.dump", change);
    }

    ArchiveParts config(Consumer<ObjectNode> change) {
        return json("config.dump", change);
    }

    /** Changes the only record of a CRIU image. */
    <T extends Message> ArchiveParts image(String name, Parser<T> parser, UnaryOperator<T> change) {
        String entry = "checkpoint/" + name;
        ByteBuffer image = ByteBuffer.wrap(content(entry)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[name.equals("inventory.img") ? Integer.BYTES : 2 * Integer.BYTES];
        byte[] record = new byte[image.get(header).getInt()];
        image.get(record);
        try {
            byte[] changed = change.apply(parser.parseFrom(record)).toByteArray();
            return with(
                    entry,
                    ByteBuffer.allocate(header.length + Integer.BYTES + changed.length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .put(header)
                            .putInt(changed.length)
                            .put(changed)
                            .array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds a record to a CRIU image that has any number of them. */
    ArchiveParts addRecord(String name, Message record) {
        String entry = "checkpoint/" + name;
        byte[] image = content(entry);
        byte[] added = record.toByteArray();
        return with(
                entry,
                ByteBuffer.allocate(image.length + Integer.BYTES + added.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(image)
                        .putInt(added.length)
                        .put(added)
                        .array());
    }

    private byte[] content(String name) {
        return Optional.ofNullable(files.get(name)).orElseThrow();
    }

    /** The name of the only CRIU image that begins so. */
    String imageNamed(String prefix) {
        return files.keySet().stream()
                .filter(name -> name.startsWith("checkpoint/" + prefix))
                .map(name -> name.substring("checkpoint/".length()))
                .findFirst()
                .orElseThrow();
    }

    private ArchiveParts json(String name, Consumer<ObjectNode> change) {
        try {
            ObjectNode object = (ObjectNode) JSON.readTree(content(name));
            change.accept(object);
            return with(name, JSON.writeValueAsBytes(object));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The archive. */
    InputStream stream() {
        return new ByteArrayInputStream(tar(out -> files.forEach((name, content) -> add(out, name, content))));
    }

    /** Something that is added to a tar. */
    @FunctionalInterface
    interface TarContent {
        void addTo(TarArchiveOutputStream out) throws IOException;
    }

    static byte[] tar(TarContent content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            content.addTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static void add(TarArchiveOutputStream out, String name, byte[] content) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(name, true);
            entry.setSize(content.length);
            out.putArchiveEntry(entry);
            out.write(content);
            out.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void addLink(TarArchiveOutputStream out, String name, byte kind, String target) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
            entry.setLinkName(target);
            out.putArchiveEntry(entry);
            out.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
