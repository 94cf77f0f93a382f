package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointArchiveTest {
    @TempDir
    Path temp;

    private Path bundle;
    private Path volume;

    @BeforeEach
    void makeBundle() throws IOException {
        bundle = Files.createDirectory(temp.resolve("bundle"));
        volume = Files.createDirectory(temp.resolve("volume"));
        Shell.run(bundle, """
                mkdir checkpoint artifacts; echo img > checkpoint/inventory.img; head -c 300000 /dev/urandom > checkpoint/pages-1.img
                ln -s ../pre-checkpoint checkpoint/parent; printf 'line 1\\n' > ctr.log; echo s > stats-dump
                """);
        Shell.run(volume, "mkdir d; echo v > d/v; ln -s d l; chmod 1777 .");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "zstd:1", "gzip", "none"})
    void whatIsWrittenIsRead(String compression) throws IOException {
        Path archive = temp.resolve("c.tar");
        writeTo(archive, Compression.parse(compression));

        UnpackedArchive unpacked = unpack(archive);

        assertThat(unpacked.entries())
                .containsExactly(
                        "artifacts/",
                        "config.dump",
                        "ctr.log",
                        "checkpoint/",
                        "checkpoint/inventory.img",
                        "checkpoint/pages-1.img",
                        "checkpoint/parent",
                        "volumes/data.tar");
        assertThat(unpacked.warnings()).isEmpty();
        TreeSnapshot.assertSameContent(unpacked.file("checkpoint"), bundle.resolve("checkpoint"));
        assertThat(unpacked.require("config.dump")).hasContent("{\"id\": \"abc\"}");
        Path restored = Files.createDirectory(temp.resolve("restored"));
        try (InputStream in = Files.newInputStream(unpacked.require(ArchiveEntries.volume("data")))) {
            TarExtractor.extract(in, "volume", restored, ExtractionOptions.EXACT);
        }
        TreeSnapshot.assertSame(restored, volume);
        assertThatThrownBy(() -> unpacked.require(ArchiveEntries.SPEC_DUMP))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(Code.MISSING_ENTRY, ArchiveException::code);
        assertThat(CheckpointArchiveReader.peek(archive).path("id").asText()).isEqualTo("abc");
    }

    @Test
    void gnuTarReadsTheArchive() throws IOException {
        Path archive = temp.resolve("c.tar.zst");
        writeTo(archive, Compression.ZSTD);

        assertThat(Shell.run(temp, "zstd -dc c.tar.zst | tar -tvf - 2>&1").lines())
                .hasSize(9)
                .first()
                .asString()
                .startsWith("drwxr-xr-x 0/0");
        Shell.run(
                temp,
                "mkdir x; zstd -dc c.tar.zst | tar -C x -xf -; cmp x/checkpoint/pages-1.img bundle/checkpoint/pages-1.img;"
                        + " tar -tf x/volumes/data.tar | grep -qx ./d/v");
    }

    @ParameterizedTest
    @CsvSource({"gnu,zstd", "posix,gzip", "ustar,cat", "v7,cat", "oldgnu,zstd"})
    void archivesOfGnuTarAreRead(String format, String compressor) throws IOException {
        Shell.run(bundle, "echo '{}' > config.dump; mkdir volumes; tar -C ../volume -cf volumes/data.tar .");
        Shell.run(bundle, "tar --format=" + format + " -cf - . | " + compressor + " > ../foreign");

        UnpackedArchive unpacked = unpack(temp.resolve("foreign"));

        assertThat(unpacked.warnings()).isEmpty();
        assertThat(unpacked.entries()).hasSize(10).contains("config.dump", "checkpoint/", "volumes/data.tar");
        TreeSnapshot.assertSameContent(unpacked.directory(), bundle);
    }

    @Test
    void progressAndSizesAreCounted() throws IOException {
        Path archive = temp.resolve("c.tar");
        List<Long> seen = new ArrayList<>();
        try (CheckpointArchiveWriter writer = CheckpointArchiveWriter.create(archive, Compression.ZSTD, 2)) {
            writer.onProgress((done, expected) -> seen.add(done), 5 << 20);
            writer.addBytes("ctr.log", new byte[5 << 20]);
            writer.commit();

            assertThat(writer.rawBytes()).isBetween((5 << 20) + 3 * 512L, (5 << 20) + 9 * 512L);
            assertThat(writer.compressedBytes()).isEqualTo(Files.size(archive)).isLessThan(10_000);
            assertThat(seen).hasSizeGreaterThan(1).isSorted().endsWith(writer.rawBytes());
        }
    }

    @Test
    void nothingIsThereUntilTheCommit() throws IOException {
        Path archive = temp.resolve("c.tar");
        Files.writeString(archive, "old");
        try (CheckpointArchiveWriter writer = CheckpointArchiveWriter.create(archive, Compression.ZSTD, 1)) {
            writer.addBytes("config.dump", new byte[10]);

            assertThat(archive).hasContent("old");
            assertThat(writer.temporaryFile())
                    .hasValueSatisfying(file -> assertThat(file)
                            .exists()
                            .hasParent(temp)
                            .satisfies(
                                    f -> assertThat(f.getFileName().toString()).startsWith(".c.tar.")));
            writer.commit();
            assertThat(FileStatus.of(archive).mode()).isEqualTo(0600);
            assertThat(writer.temporaryFile())
                    .hasValueSatisfying(file -> assertThat(file).doesNotExist());
        }
        assertThat(unpack(archive).has("config.dump")).isTrue();
    }

    @Test
    void onlyAFileIsReplaced() throws IOException {
        Path fifo = temp.resolve("fifo");
        Shell.run(temp, "mkfifo fifo; echo old > file; ln -s file link");

        for (Path target : List.of(temp, fifo, Path.of("/dev/null"), Path.of("/"))) {
            assertThatThrownBy(() -> CheckpointArchiveWriter.create(target, Compression.NONE, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no file");
        }
        writeTo(temp.resolve("link"), Compression.NONE);

        assertThat(Files.isSymbolicLink(temp.resolve("link"))).isTrue();
        assertThat(unpack(temp.resolve("file")).has("config.dump")).isTrue();
    }

    @Test
    void withoutACommitNothingStays() throws IOException {
        Path directory = Files.createDirectory(temp.resolve("d"));
        try (CheckpointArchiveWriter writer =
                CheckpointArchiveWriter.create(directory.resolve("c.tar"), Compression.GZIP, 1)) {
            writer.addBytes("config.dump", new byte[10]);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void afterAFailureNothingCanBeCommitted() throws IOException {
        Path directory = Files.createDirectory(temp.resolve("d"));
        try (CheckpointArchiveWriter writer =
                CheckpointArchiveWriter.create(directory.resolve("c.tar"), Compression.NONE, 1)) {
            assertThatThrownBy(() -> writer.addFile("ctr.log", temp.resolve("missing")))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFullDiskLeavesNothing() throws IOException {
        OutputStream full = Files.newOutputStream(Path.of("/dev/full"));
        try (CheckpointArchiveWriter writer = CheckpointArchiveWriter.to(full, Compression.NONE, 1)) {
            assertThatThrownBy(() -> {
                        writer.addBytes("ctr.log", new byte[1 << 20]);
                        writer.commit();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left on device");
        } finally {
            full.close();
        }
    }

    @Test
    void anArchiveGoesToAStreamThatStaysOpen() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CheckpointArchiveWriter writer = CheckpointArchiveWriter.to(out, Compression.ZSTD, 2)) {
            writer.addBytes("config.dump", "{}".getBytes(StandardCharsets.UTF_8));
            writer.commit();
            assertThat(writer.temporaryFile()).isEmpty();
        }

        try (CheckpointArchiveReader reader = CheckpointArchiveReader.of(
                new ByteArrayInputStream(out.toByteArray()), "standard input", ExtractionLimits.GENEROUS)) {
            assertThat(reader.unpackTo(staging()).has("config.dump")).isTrue();
        }
    }

    @Test
    void anEntryCannotBeWrittenTwiceOrElsewhere() throws IOException {
        try (CheckpointArchiveWriter writer =
                CheckpointArchiveWriter.to(OutputStream.nullOutputStream(), Compression.NONE, 1)) {
            writer.addBytes("config.dump", new byte[0]);
            assertThatThrownBy(() -> writer.addBytes("config.dump", new byte[0]))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.addBytes("../x", new byte[0])).isInstanceOf(ArchiveException.class);
        }
    }

    @Test
    void unknownEntriesAreLeftOutWithAWarning() throws IOException {
        UnpackedArchive unpacked = unpack(new TarBuilder()
                .file("config.dump", "{}")
                .file("evil.sh", "x")
                .file("volumes/a/b.tar", "x")
                .file("volumes/.tar.gz", "x")
                .symbolicLink("somewhere", "/etc")
                .device("null", 1, 3)
                .file("config.dump.d/x", "x")
                .bytes());

        assertThat(unpacked.entries()).containsExactly("config.dump");
        assertThat(unpacked.warnings()).hasSize(6).anySatisfy(w -> assertThat(w).contains("evil.sh"));
        assertThat(DirectoryScan.children(unpacked.directory())).hasSize(1);
    }

    @Test
    void unsafeEntriesAreRefused() {
        refuses(new TarBuilder().file("../config.dump", "x"), Code.UNSAFE_ENTRY, "../config.dump");
        refuses(new TarBuilder().file("/config.dump", "x"), Code.UNSAFE_ENTRY, "/config.dump");
        refuses(new TarBuilder().file("checkpoint/../../x", "x"), Code.UNSAFE_ENTRY, "checkpoint/../../x");
        refuses(new TarBuilder().symbolicLink("checkpoint", "/tmp"), Code.UNSAFE_ENTRY, "checkpoint");
        refuses(new TarBuilder().symbolicLink("checkpoint/parent", "/tmp"), Code.UNSAFE_ENTRY, "/tmp");
        refuses(new TarBuilder().symbolicLink("checkpoint/other", "../pre-checkpoint"), Code.UNSAFE_ENTRY, "other");
        refuses(
                new TarBuilder()
                        .symbolicLink("checkpoint/parent", "../pre-checkpoint")
                        .file("checkpoint/parent/x", "y"),
                Code.UNSAFE_ENTRY,
                "checkpoint/parent/x");
        refuses(new TarBuilder().hardLink("config.dump", "/etc/passwd"), Code.UNSAFE_ENTRY, "config.dump");
        refuses(new TarBuilder().device("checkpoint/null", 1, 3), Code.UNSAFE_ENTRY, "checkpoint/null");
        refuses(new TarBuilder().file("config.dump", "a").file("./config.dump", "b"), Code.UNSAFE_ENTRY, "twice");
        refuses(new TarBuilder().file("checkpoint", "a").file("checkpoint/x", "b"), Code.UNSAFE_ENTRY, "checkpoint/x");
        refuses(new TarBuilder().directory("checkpoint/x/").file("checkpoint/x", "b"), Code.UNSAFE_ENTRY, "twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "none"})
    void anArchiveCutAnywhereIsRefused(String compression) throws IOException {
        Path archive = temp.resolve("whole");
        writeTo(archive, Compression.parse(compression));
        byte[] whole = Files.readAllBytes(archive);
        int step = Math.max(1, whole.length / 60);

        for (int length = whole.length - 1; length >= 0; length -= step) {
            assertDamaged(Arrays.copyOf(whole, length), "cut at " + length + " of " + whole.length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip"})
    void anArchiveWithAFlippedByteIsRefused(String compression) throws IOException {
        Path archive = temp.resolve("whole");
        writeTo(archive, Compression.parse(compression));
        byte[] whole = Files.readAllBytes(archive);
        Random random = new Random(11);

        for (int i = 0; i < 60; i++) {
            byte[] flipped = whole.clone();
            // From after the header, parts of which (gzip's time and file name) mean nothing, to before gzip's own
            // length.
            int at = 20 + random.nextInt(whole.length - 30);
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            assertDamaged(flipped, "flipped at " + at);
        }
    }

    @Test
    void whatIsNoArchiveIsRefused() throws IOException {
        byte[] noise = new byte[100_000];
        new Random(5).nextBytes(noise);

        refuses(noise, Code.NOT_AN_ARCHIVE, "no tar archive");
        refuses(new byte[0], Code.NOT_AN_ARCHIVE, "empty");
        refuses(new byte[] {1, 2, 3}, Code.NOT_AN_ARCHIVE, "too short");
        refuses("#!/bin/sh\n".repeat(100).getBytes(StandardCharsets.US_ASCII), Code.NOT_AN_ARCHIVE, "no tar archive");
        refuses(TarBuilder.compress(noise, Compression.ZSTD), Code.NOT_AN_ARCHIVE, "no tar archive");
        refuses(TarBuilder.compress(new byte[0], Compression.GZIP), Code.NOT_AN_ARCHIVE, "empty");
        assertThatThrownBy(() -> CheckpointArchiveReader.open(temp, ExtractionLimits.GENEROUS))
                .hasMessageContaining("is a directory");
        assertThatThrownBy(() -> CheckpointArchiveReader.open(temp.resolve("missing"), ExtractionLimits.GENEROUS))
                .hasMessageContaining("no such file");
    }

    @Test
    void noiseAfterTheFirstEntryIsDamage() {
        byte[] tar =
                new TarBuilder().file("config.dump", "{}").file("ctr.log", "x").bytes();
        tar[1024 + 5] ^= 1;

        refuses(tar, Code.CORRUPT, "config.dump");
    }

    @Test
    void aBombIsStoppedAtTheLimit() throws IOException {
        byte[] bomb = TarBuilder.compress(
                new TarBuilder()
                        .file("config.dump", "{}")
                        .add(TarEntry.plain("ctr.log", Kind.FILE, 0600, 50 << 20, Instant.EPOCH), new byte[50 << 20])
                        .bytes(),
                Compression.ZSTD);
        assertThat(bomb.length).isLessThan(20_000);

        try (CheckpointArchiveReader reader = CheckpointArchiveReader.of(
                new ByteArrayInputStream(bomb), "bomb.tar", new ExtractionLimits(10 << 20, 1000))) {
            Path staging = staging();
            assertThatThrownBy(() -> reader.unpackTo(staging))
                    .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                    .returns(Code.LIMIT, ArchiveException::code);
            assertThat(staging.resolve("ctr.log")).doesNotExist();
        }
    }

    @Test
    void zerosWithoutEndAfterTheArchiveAreRefused() throws IOException {
        byte[] tar = new TarBuilder().file("config.dump", "{}").bytes();
        byte[] padded = Arrays.copyOf(tar, 65 << 20);

        refuses(TarBuilder.compress(padded, Compression.ZSTD), Code.LIMIT, "after its end");
        assertThat(unpack(Arrays.copyOf(tar, 20 * 512)).has("config.dump")).isTrue();
    }

    @Test
    void anEndlessExtendedHeaderIsRefused() {
        byte[] tar = new TarBuilder()
                .add(TarEntry.plain("x", Kind.FILE, 0600, 1L << 32, Instant.EPOCH), new byte[0])
                .bytes();
        tar[156] = 'x';
        Arrays.fill(tar, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[i] & 0xff;
        }
        byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, 148, 8);

        refuses(tar, Code.LIMIT, "extended header");
    }

    @Test
    void aConfigurationThatIsNoneIsRefused() throws IOException {
        for (String config : List.of("", "[]", "{", "null", "\u0000")) {
            Path archive = Files.write(
                    temp.resolve("c"),
                    new TarBuilder().file("config.dump", config).bytes());
            assertThatThrownBy(() -> CheckpointArchiveReader.peek(archive))
                    .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                    .returns(Code.CORRUPT, ArchiveException::code);
        }
        Path archive = Files.write(
                temp.resolve("c"), new TarBuilder().file("other", "x").bytes());
        assertThatThrownBy(() -> CheckpointArchiveReader.peek(archive))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(Code.MISSING_ENTRY, ArchiveException::code);
    }

    private void writeTo(Path archive, Compression compression) throws IOException {
        try (CheckpointArchiveWriter writer = CheckpointArchiveWriter.create(archive, compression, 2)) {
            writer.addTree(ArchiveEntries.ARTIFACTS, bundle.resolve("artifacts"));
            writer.addBytes(ArchiveEntries.CONFIG_DUMP, "{\"id\": \"abc\"}".getBytes(StandardCharsets.UTF_8));
            writer.addFile(ArchiveEntries.LOG, bundle.resolve("ctr.log"));
            writer.addTree(ArchiveEntries.CHECKPOINT, bundle.resolve("checkpoint"));
            writer.addTar(ArchiveEntries.volume("data"), TarPlan.ofDirectory(volume));
            writer.commit();
        }
    }

    private Path staging() throws IOException {
        return Files.createTempDirectory(temp, "staging");
    }

    private UnpackedArchive unpack(Path archive) throws IOException {
        try (CheckpointArchiveReader reader = CheckpointArchiveReader.open(archive, ExtractionLimits.GENEROUS)) {
            return reader.unpackTo(staging());
        }
    }

    private UnpackedArchive unpack(byte[] archive) throws IOException {
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.of(new ByteArrayInputStream(archive), "test.tar", ExtractionLimits.GENEROUS)) {
            return reader.unpackTo(staging());
        }
    }

    private void assertDamaged(byte[] archive, String how) {
        assertThatThrownBy(() -> unpack(archive))
                .as(how)
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .satisfies(e ->
                        assertThat(e.code()).isIn(Code.TRUNCATED, Code.CORRUPT, Code.NOT_AN_ARCHIVE, Code.UNSUPPORTED))
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .contains("test.tar")
                .containsPattern("copy (it|the archive) again");
    }

    private void refuses(TarBuilder tar, Code code, String message) {
        refuses(tar.bytes(), code, message);
    }

    private void refuses(byte[] archive, Code code, String message) {
        assertThatThrownBy(() -> unpack(archive))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(code, ArchiveException::code)
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .contains(message);
    }
}
