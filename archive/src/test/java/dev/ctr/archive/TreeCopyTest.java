package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.criu.linux.Trees;
import dev.ctr.criu.linux.Xattrs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCopyTest {
    private static final int LARGE = 3 << 20;

    @TempDir
    Path work;

    private Path tree;
    private Path copied;
    private TreeCopy copy;
    private TreeReplica replica;

    @BeforeEach
    void begin() throws IOException {
        tree = Files.createDirectory(work.resolve("tree"));
        copied = Files.createDirectory(work.resolve("copied"));
        copy = TreeCopy.notedIn(work.resolve("notes"));
        replica = new TreeReplica(copied, "the files", new ReplicaQuota(ExtractionLimits.GENEROUS));
    }

    @AfterEach
    void end() throws IOException {
        copy.close();
    }

    /** Brings the copy up to date; returns how many bytes that took. */
    private int update() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        copy.settle(tree);
        copy.send(TarPlan.ofDirectory(tree), List.of(), new DataOutputStream(out));
        replica.apply(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
        return out.size();
    }

    private void assertSame() throws IOException {
        assertThat(listing(copied)).isEqualTo(listing(tree));
    }

    private static List<String> listing(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.map(file -> line(root, file)).sorted().toList();
        }
    }

    private static String line(Path root, Path file) {
        try {
            FileStatus status = FileStatus.of(file);
            String content = status.isRegular()
                    ? String.valueOf(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).hashCode())
                    : "";
            String size = status.isDirectory() ? "" : status.size() + " " + status.links();
            return root.relativize(file) + " " + status.kind() + " " + status.mode() + " " + status.uid() + " " + size
                    + " "
                    + status.modified() + " " + content + " "
                    + ExtendedAttributes.read(file).keySet();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aChangedBlockOfALargeFileIsAllThatIsSentOfIt() throws IOException {
        Path file = Files.write(tree.resolve("large"), random(LARGE));
        assertThat(update()).isGreaterThan(LARGE);
        assertSame();
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(1_000_000);
            opened.write(1);
            opened.seek(LARGE);
            opened.write(new byte[5000]);
        }
        assertThat(update()).isLessThan(20_000);
        assertSame();
        try (FileChannel opened = FileChannel.open(file, StandardOpenOption.WRITE)) {
            opened.truncate(4097);
        }
        assertThat(update()).isLessThan(20_000);
        assertSame();
    }

    @Test
    void aWriteThroughAMappingIsFound() throws Exception {
        Path file = Files.write(tree.resolve("mapped"), random(LARGE));
        try (FileChannel opened = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer mapped = opened.map(FileChannel.MapMode.READ_WRITE, 0, LARGE);
            for (int round = 0; round < 4; round++) {
                mapped.put(5000, (byte) round);
                update();
                // No page fault, and so no time stamp, would come of this if the page were still dirty.
                mapped.put(5001, (byte) (round + 100));
                update();
                assertSame();
                Thread.sleep(150);
                update();
                mapped.put(5002, (byte) (round + 50));
                update();
                assertSame();
            }
        }
    }

    @Test
    void whatIsMadeDeletedRenamedAndLinkedArrives() throws IOException {
        Path deep = Files.createDirectories(tree.resolve("a/b/c"));
        Files.writeString(deep.resolve("one"), "1");
        Files.writeString(tree.resolve("a/two"), "2");
        Files.createLink(tree.resolve("z-link"), tree.resolve("a/two"));
        Files.createSymbolicLink(tree.resolve("sym"), Path.of("/etc/passwd"));
        Files.writeString(tree.resolve("empty"), "");
        Xattrs.set(deep, "user.x", new byte[] {1});
        update();
        assertSame();
        Files.move(tree.resolve("a"), tree.resolve("b"));
        Files.delete(tree.resolve("sym"));
        Files.createDirectory(tree.resolve("sym"));
        Files.writeString(tree.resolve("sym/x"), "x");
        Files.delete(tree.resolve("empty"));
        Xattrs.remove(tree.resolve("b/b/c"), "user.x");
        Files.setPosixFilePermissions(tree.resolve("b/b/c/one"), PosixFilePermissions.fromString("r--r-----"));
        update();
        assertSame();
        Files.createLink(tree.resolve("third"), tree.resolve("z-link"));
        Files.delete(tree.resolve("b/two"));
        Files.setLastModifiedTime(tree.resolve("b"), FileTime.from(Instant.ofEpochSecond(5)));
        update();
        assertSame();
        try (var left = Files.newDirectoryStream(tree)) {
            for (Path entry : left) {
                Trees.delete(entry);
            }
        }
        update();
        assertSame();
    }

    @Test
    void aTreeThatDoesNotChangeCostsNothing() throws Exception {
        Files.write(tree.resolve("large"), random(LARGE));
        Files.createDirectory(tree.resolve("d"));
        Thread.sleep(150);
        update();
        assertThat(update()).isEqualTo(1);
    }

    @Test
    void hiddenPathsComeOnceTheyChange() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        copy.send(TarPlan.ofDirectory(tree), List.of("/gone"), new DataOutputStream(out));
        replica.apply(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
        assertThat(replica.hidden()).containsExactly("/gone");
        update();
        assertThat(replica.hidden()).isEmpty();
    }

    @Test
    void aHostileUpdateTouchesNothingElse() throws IOException {
        Path outside = Files.writeString(work.resolve("outside"), "mine");
        Files.createSymbolicLink(copied.resolve("link"), outside);
        for (String name : List.of("../outside", "link", "/outside")) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeByte(TreeRecord.PATCH);
            byte[] header = TarHeaders.encode(TarEntry.plain(name, TarEntry.Kind.FILE, 0600, 4, Instant.EPOCH));
            out.writeInt(header.length);
            out.write(header);
            out.writeLong(0);
            out.writeInt(4);
            out.write(new byte[4]);
            out.writeLong(FileDifference.END);
            out.writeByte(TreeRecord.END);
            assertThatThrownBy(() -> apply(bytes.toByteArray())).isInstanceOf(ArchiveException.class);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(TreeRecord.DELETE);
        TreeRecord.writePath(out, "../outside");
        assertThatThrownBy(() -> apply(bytes.toByteArray())).isInstanceOf(ArchiveException.class);
        assertThatThrownBy(() -> apply(new byte[] {9})).hasMessageContaining("no record of kind 9");
        assertThatThrownBy(() -> apply(new byte[] {TreeRecord.PATCH, 0})).hasMessageContaining("end early");
        assertThat(outside).hasContent("mine");
    }

    @Test
    void updatesTogetherKeepToTheLimits() throws IOException {
        replica = new TreeReplica(copied, "the files", new ReplicaQuota(new ExtractionLimits(10_000, 100)));
        Files.write(tree.resolve("a"), new byte[6000]);
        update();
        Files.write(tree.resolve("b"), new byte[6000]);
        assertThatThrownBy(this::update).isInstanceOf(ArchiveException.class);
    }

    private void apply(byte[] bytes) throws IOException {
        replica.apply(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
