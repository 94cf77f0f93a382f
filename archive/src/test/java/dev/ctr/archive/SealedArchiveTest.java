package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.archive.ArchiveException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedArchiveTest {
    private static final ArchiveRequirements NEEDS = new ArchiveRequirements(
            Optional.of("amd64"), Set.of("avx2", "aes"), Optional.of("4.2.1"), Optional.of("6.18.0"));
    private static final ArchiveChain CHAIN =
            new ArchiveChain("0123456789abcdef".repeat(2), 3, 2, Optional.of("ab".repeat(32)));

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "none"})
    void everyFlippedByteIsFound(String compression) throws IOException {
        byte[] whole = archive(compression);
        assertThat(verify(whole).differences()).isEmpty();

        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            assertThat(verify(flipped).isIntact())
                    .as("flipped at %d of %d", at, whole.length)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "none"})
    void everyCutAndWhateverIsAppendedIsFound(String compression) throws IOException {
        byte[] whole = archive(compression);

        for (int length = 0; length < whole.length; length++) {
            assertThat(verify(Arrays.copyOf(whole, length)).isIntact())
                    .as("cut at %d", length)
                    .isFalse();
        }
        for (int more : List.of(1, 7, 512, 10_240)) {
            assertThat(verify(Arrays.copyOf(whole, whole.length + more)).isIntact())
                    .as("%d more", more)
                    .isFalse();
        }
        byte[] twice = Arrays.copyOf(whole, whole.length * 2);
        System.arraycopy(whole, 0, twice, whole.length, whole.length);
        assertThat(verify(twice).isIntact()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip"})
    void otherProgramsReadASealedArchive(String compression) throws IOException {
        Files.write(temp.resolve("a"), archive(compression));
        Files.write(temp.resolve("plain"), archive("none"));

        Shell.run(temp, """
                %s -dc < a > unpacked
                tar -tf unpacked > list; tar -tf plain | cmp - list; tail -1 list | grep -qx ctr.manifest.json
                mkdir x; tar -C x -xf unpacked
                """.formatted(compression));

        assertThat(temp.resolve("x/config.dump")).hasContent("{\"id\": \"abc\"}");
    }

    @Test
    void theManifestSaysWhatTheArchiveHolds() throws IOException {
        ArchiveManifest manifest = verify(archive("zstd")).manifest().orElseThrow();

        assertThat(manifest.writer()).isEqualTo("ctr 1.2");
        assertThat(manifest.requirements()).isEqualTo(NEEDS);
        assertThat(manifest.chain()).contains(CHAIN);
        assertThat(manifest.entries())
                .extracting(ArchiveManifest.Entry::name)
                .containsExactly("artifacts/", "config.dump", "ctr.log");
        assertThat(manifest.entries().get(1).sha256())
                .isEqualTo(TreeSnapshot.sha256(Files.writeString(temp.resolve("c"), "{\"id\": \"abc\"}")));
        assertThat(manifest.digest()).hasSize(64).isNotEqualTo(manifest.layout());
    }

    @Test
    void longContentIsHashedRight() throws IOException {
        byte[] content = new byte[5_000_001];
        new Random(3).nextBytes(content);
        Path file = Files.write(temp.resolve("content"), content);
        Path archive = temp.resolve("a");
        try (CheckpointArchiveWriter writer = CheckpointArchiveWriter.create(archive, Compression.NONE, 1)) {
            for (int i = 0; i < 9000; i++) {
                writer.addBytes("artifacts/" + i, new byte[i % 3]);
            }
            writer.addFile(ArchiveEntries.LOG, file);
            writer.commit();
        }

        try (CheckpointArchiveReader reader = CheckpointArchiveReader.open(archive, ExtractionLimits.GENEROUS)) {
            ArchiveVerification verified = reader.verify();
            assertThat(verified.isIntact()).isTrue();
            assertThat(verified.manifest().orElseThrow().entries().get(9000).sha256())
                    .isEqualTo(TreeSnapshot.sha256(file));
        }
    }

    @Test
    void whatDiffersIsNamed() throws IOException {
        byte[] plain = archive("none");
        byte[] text = "abc".getBytes(StandardCharsets.US_ASCII);
        int at = new String(plain, StandardCharsets.ISO_8859_1).indexOf("abc");
        byte[] changed = plain.clone();
        System.arraycopy("xyz".getBytes(StandardCharsets.US_ASCII), 0, changed, at, text.length);

        assertThat(verify(changed).differences())
                .containsExactly(
                        "entry \"config.dump\" has another content", "its bytes are not those that were sealed");
        assertThatThrownBy(() -> unpack(changed))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(Code.CORRUPT, ArchiveException::code)
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .isEqualTo(
                        "test.tar is not as it was written (entry \"config.dump\" has another content, and 1 more differences):"
                                + " copy it again");
        assertThat(verify(Arrays.copyOf(plain, plain.length - 512)).differences())
                .containsExactly("the seal at its end is missing");
    }

    @Test
    void anArchiveWithoutAManifestIsReadAndCannotBeVerified() throws IOException {
        byte[] foreign = new TarBuilder().file("config.dump", "{}").bytes();

        assertThat(verify(foreign))
                .returns(false, ArchiveVerification::isIntact)
                .satisfies(found -> {
                    assertThat(found.manifest()).isEmpty();
                    assertThat(found.differences()).isEmpty();
                });
        assertThat(unpack(foreign).manifest()).isEmpty();
    }

    private byte[] archive(String compression) throws IOException {
        Path file = temp.resolve("archive");
        try (CheckpointArchiveWriter writer = CheckpointArchiveWriter.create(file, Compression.parse(compression), 2)) {
            writer.writtenBy("ctr 1.2");
            writer.requires(NEEDS);
            writer.chain(CHAIN);
            writer.addDirectory(ArchiveEntries.ARTIFACTS, 0755);
            writer.addBytes(ArchiveEntries.CONFIG_DUMP, "{\"id\": \"abc\"}".getBytes(StandardCharsets.UTF_8));
            writer.addBytes(ArchiveEntries.LOG, Instant.EPOCH.toString().getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
        return Files.readAllBytes(file);
    }

    private static ArchiveVerification verify(byte[] archive) throws IOException {
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.of(new ByteArrayInputStream(archive), "test.tar", ExtractionLimits.GENEROUS)) {
            return reader.verify();
        } catch (ArchiveException e) {
            return new ArchiveVerification(Optional.empty(), List.of(String.valueOf(e.getMessage())), 0, 0);
        }
    }

    private UnpackedArchive unpack(byte[] archive) throws IOException {
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.of(new ByteArrayInputStream(archive), "test.tar", ExtractionLimits.GENEROUS)) {
            return reader.unpackTo(Files.createTempDirectory(temp, "staging"));
        }
    }
}
