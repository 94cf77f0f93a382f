package dev.ctr.criu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import dev.ctr.criu.image.PageRun.Kind;
import dev.ctr.proto.criu.PagemapEntry;
import dev.ctr.proto.criu.PagemapHead;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PagemapTest {
    private static final PagemapHead HEAD =
            PagemapHead.newBuilder().setPagesId(1).build();

    @TempDir
    Path directory;

    @Test
    void readsWhatItWroteAndLetsNobodyElse() throws IOException {
        List<PageRun> runs = List.of(
                new PageRun(0x400000, 3, Kind.PRESENT),
                new PageRun(0x403000, 1, Kind.PRESENT_LAZY),
                new PageRun(0x500000000000L, 1L << 32, Kind.PARENT),
                new PageRun(0x7fff00000000L, 5, Kind.LAZY));
        Path file = directory.resolve("pagemap-1.img");
        try (PagemapWriter writer = PagemapWriter.create(file, 7)) {
            for (PageRun run : runs) {
                writer.add(run);
            }
            assertThatThrownBy(() -> writer.add(new PageRun(0x1000, 1, Kind.PRESENT)))
                    .hasMessageContaining("come after");
        }
        try (PagemapReader reader = PagemapReader.open(file)) {
            assertThat(reader.pagesFile()).isEqualTo("pages-7.img");
            assertThat(all(reader)).isEqualTo(runs);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> PagemapWriter.create(file, 1)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void readsTheFormsOfOlderAndNewerCriu() throws IOException {
        assertThat(read(entry(0x1000).setCompatNrPages(2))).containsExactly(new PageRun(0x1000, 2, Kind.PRESENT));
        assertThat(read(entry(0x1000).setCompatNrPages(2).setInParent(true)))
                .containsExactly(new PageRun(0x1000, 2, Kind.PARENT));
        assertThat(read(entry(0x1000).setCompatNrPages(0).setNrPages(3).setFlags(6)))
                .containsExactly(new PageRun(0x1000, 3, Kind.PRESENT_LAZY));
    }

    @Test
    void refusesWhatItWouldMisread() {
        UnknownFieldSet compressed = UnknownFieldSet.newBuilder()
                .addField(9, UnknownFieldSet.Field.newBuilder().addVarint(17).build())
                .build();
        assertRefused(one().setUnknownFields(compressed), "unknown fields [9]");
        assertRefused(one().setFlags(5), "flags 0x5");
        assertRefused(one().setFlags(64), "flags 0x40");
        assertRefused(one().setNrPages(0), "0 pages");
        assertRefused(one().setNrPages(-1), "18446744073709551615 pages");
        assertRefused(one().setVaddr(0x1001), "not that of a page");
        assertRefused(one().setVaddr(-4096), "not that of a page");
        assertThatThrownBy(() -> read(one(), one())).hasMessageContaining("out of order");
    }

    @Test
    void refusesAnImageThatIsCutOffAnywhere() throws IOException {
        byte[] whole = image(one());
        int headEnd = 8 + 4 + HEAD.getSerializedSize();
        for (int length = 0; length < whole.length; length++) {
            if (length != headEnd) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> read(cut)).isInstanceOf(CriuImageException.class);
            }
        }
    }

    @Test
    void refusesAnAbsurdLengthAndAnotherKind() throws IOException {
        byte[] absurd = image(one());
        Arrays.fill(absurd, 8, 12, (byte) 0xff);
        assertThatThrownBy(() -> read(absurd)).hasMessageContaining("a record claims 4294967295 bytes");
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        CriuImageWriter.of(other, ImageType.PSTREE).close();
        assertThatThrownBy(() -> read(other.toByteArray())).hasMessageContaining("it is PSTREE");
        assertThatThrownBy(() -> read(new byte[64])).hasMessageContaining("another number");
    }

    private static PagemapEntry.Builder entry(long address) {
        return PagemapEntry.newBuilder().setVaddr(address);
    }

    private static PagemapEntry.Builder one() {
        return entry(0x1000).setCompatNrPages(1);
    }

    private static void assertRefused(PagemapEntry.Builder entry, String sentence) {
        assertThatThrownBy(() -> read(entry))
                .isInstanceOf(CriuImageException.class)
                .hasMessageContaining(sentence);
    }

    private static List<PageRun> read(PagemapEntry.Builder... entries) throws IOException {
        return read(image(entries));
    }

    private static byte[] image(PagemapEntry.Builder... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CriuImageWriter writer = CriuImageWriter.of(bytes, ImageType.PAGEMAP)) {
            writer.record(HEAD);
            for (PagemapEntry.Builder entry : entries) {
                writer.record(entry.build());
            }
        }
        return bytes.toByteArray();
    }

    private static List<PageRun> read(byte[] image) throws IOException {
        try (PagemapReader reader = PagemapReader.of(new ByteArrayInputStream(image), "the page map")) {
            return all(reader);
        }
    }

    private static List<PageRun> all(PagemapReader reader) throws IOException {
        List<PageRun> runs = new ArrayList<>();
        for (Optional<PageRun> next = reader.next(); next.isPresent(); next = reader.next()) {
            runs.add(next.get());
        }
        return runs;
    }
}
