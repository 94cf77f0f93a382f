package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @CsvSource({
        "zstd,zstd",
        "ZSTD,zstd",
        "zstd:3,zstd",
        "Zstd:19,zstd:19",
        "gzip,gzip",
        "GZip:9,gzip:9",
        "none,none",
        "NONE,none"
    })
    void isParsedInAnyCase(String text, String expected) {
        assertThat(Compression.parse(text)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"non-existing", "", "xz", ":3", "zstd 3"})
    void unknownAlgorithmsAreRefusedInPodmansWords(String text) {
        assertThatThrownBy(() -> Compression.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("selected compression algorithm (\"" + text
                        + "\") not supported. Please select one from: gzip, none, zstd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd:0", "zstd:23", "zstd:", "zstd:-1", "zstd:x", "gzip:10", "none:1", "zstd:99999999999"})
    void levelsOutOfRangeAreRefused(String text) {
        assertThatThrownBy(() -> Compression.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("level");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "zstd:1", "zstd:15", "gzip", "gzip:1", "none"})
    void contentComesBack(String text) throws IOException {
        byte[] content = content(1_000_000);

        for (int threads : new int[] {1, 2}) {
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (OutputStream out = Compression.parse(text).compress(compressed, threads)) {
                out.write(content);
            }

            assertThat(decompress(compressed.toByteArray())).isEqualTo(content);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd -q", "gzip", "bzip2"})
    void whatThePeersCompressIsRead(String program) throws IOException {
        byte[] content = content(500_000);
        Files.write(temp.resolve("x"), content);

        Shell.run(temp, program + " < x > y; " + program + " < x >> y");

        byte[] twice = decompress(Files.readAllBytes(temp.resolve("y")));
        assertThat(twice).hasSize(2 * content.length).startsWith(content).endsWith(content);
    }

    @Test
    void thePeersReadWhatIsCompressed() throws IOException {
        byte[] content = content(500_000);
        Files.write(temp.resolve("x"), content);
        Files.write(temp.resolve("x.zst"), TarBuilder.compress(content, Compression.ZSTD));
        Files.write(temp.resolve("x.gz"), TarBuilder.compress(content, Compression.GZIP));

        Shell.run(temp, "zstd -dc x.zst | cmp - x; gzip -dc x.gz | cmp - x");
    }

    @Test
    void zstdFramesHaveAChecksum() throws IOException {
        byte[] frame = TarBuilder.compress(content(1000), Compression.ZSTD);

        assertThat(frame[4] & 4)
                .as("Content_Checksum_flag (RFC 8878, 3.1.1.1.1)")
                .isEqualTo(4);
    }

    @Test
    void aFormatThatCannotBeReadIsNamed() throws IOException {
        Files.write(temp.resolve("x"), content(1000));
        Shell.run(temp, "xz -k x");

        assertThatThrownBy(() -> decompress(Files.readAllBytes(temp.resolve("x.xz"))))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(ArchiveException.Code.UNSUPPORTED, ArchiveException::code)
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .startsWith("backup.tar is compressed with xz");
    }

    @Test
    void aFailingSourceIsNoDamagedArchive() throws IOException {
        byte[] compressed = TarBuilder.compress(content(1_000_000), Compression.GZIP);
        InputStream closed = InputStream.nullInputStream();
        closed.close();
        InputStream failing =
                new SequenceInputStream(new ByteArrayInputStream(compressed, 0, compressed.length / 2), closed);

        assertThatThrownBy(() -> Compression.decompress(failing, "x").readAllBytes())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Stream closed");
    }

    private static byte[] decompress(byte[] compressed) throws IOException {
        try (InputStream in = Compression.decompress(new ByteArrayInputStream(compressed), "backup.tar")) {
            return in.readAllBytes();
        }
    }

    private static byte[] content(int size) {
        Random random = new Random(7);
        StringBuilder text = new StringBuilder();
        while (text.length() < size) {
            text.append("line ").append(random.nextInt(1000)).append(" of something\n");
        }
        return text.substring(0, size).getBytes(StandardCharsets.US_ASCII);
    }
}
