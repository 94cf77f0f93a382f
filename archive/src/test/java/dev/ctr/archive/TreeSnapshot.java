package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.Xattrs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Everything about a tree that an archive should keep, as one line for each file: two equal trees give equal maps. */
final class TreeSnapshot {
    private final Map<String, String> lines = new TreeMap<>();
    private final Map<String, String> firstNames = new HashMap<>();

    private TreeSnapshot() {}

    static Map<String, String> of(Path root) throws IOException {
        TreeSnapshot snapshot = new TreeSnapshot();
        snapshot.add(".", root.toRealPath());
        return snapshot.lines;
    }

    /** Fails with the lines that only one of the trees has. */
    static void assertSame(Path actual, Path expected) throws IOException {
        Map<String, String> actualLines = of(actual);
        Map<String, String> expectedLines = of(expected);
        Map<String, String> missing = new TreeMap<>(expectedLines);
        missing.entrySet().removeAll(actualLines.entrySet());
        Map<String, String> added = new TreeMap<>(actualLines);
        added.entrySet().removeAll(expectedLines.entrySet());
        assertThat(added).isEqualTo(missing);
    }

    /** Fails unless {@code diff -r} finds the same names with the same content. */
    static void assertSameContent(Path actual, Path expected) {
        Shell.run(actual, "diff -r --no-dereference . '" + expected + "'");
    }

    private void add(String name, Path file) throws IOException {
        FileStatus status = FileStatus.of(file);
        Optional<Kind> kind = status.kind();
        StringBuilder line = new StringBuilder(kind.map(Kind::name).orElse("SOCKET"))
                .append(" %o %d:%d %s".formatted(status.mode(), status.uid(), status.gid(), status.modified()));
        if (kind.isPresent()) {
            switch (kind.get()) {
                case FILE -> line.append(" " + status.size() + " " + sha256(file));
                case SYMBOLIC_LINK -> line.append(" -> " + FileNames.ofLinkTarget(Files.readSymbolicLink(file)));
                case CHARACTER_DEVICE, BLOCK_DEVICE ->
                    line.append(" " + status.deviceMajor() + ":" + status.deviceMinor());
                default -> {}
            }
        }
        for (Map.Entry<String, byte[]> attribute : new TreeMap<>(ExtendedAttributes.read(file)).entrySet()) {
            line.append(" " + attribute.getKey() + "=" + HexFormat.of().formatHex(attribute.getValue()));
        }
        if (status.links() > 1 && !status.isDirectory()) {
            String first = firstNames.putIfAbsent(status.device() + ":" + status.inode(), name);
            line.append(first == null ? "" : " same as " + first);
        }
        lines.put(name, line.toString());
        if (status.isDirectory()) {
            for (Path child : DirectoryScan.children(file)) {
                add(name + "/" + FileNames.of(child.getFileName()), child);
            }
        }
    }

    /** What an overlay upper directory says to the kernel. */
    static boolean isOpaque(Path directory) throws IOException {
        return Xattrs.get(directory, ExtendedAttributes.OPAQUE).isPresent();
    }

    static String sha256(Path file) throws IOException {
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), sha256())) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
