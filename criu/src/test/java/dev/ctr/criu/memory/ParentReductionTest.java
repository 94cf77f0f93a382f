package dev.ctr.criu.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.criu.image.CriuImageException;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageRun.Kind;
import dev.ctr.criu.image.PagemapReader;
import dev.ctr.criu.image.PagemapWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dumps and levels whose pages are letters: page {@code n} is at address {@code n} pages, and full of its letter. */
final class ParentReductionTest {
    private static final int PAGE = PageRun.PAGE_SIZE;

    @TempDir
    Path directory;

    private Path first;
    private Path second;
    private Path dump;

    @BeforeEach
    void makeDirectories() throws IOException {
        first = Files.createDirectory(directory.resolve("first"));
        second = Files.createDirectory(directory.resolve("second"));
        dump = Files.createDirectory(directory.resolve("dump"));
        Files.createSymbolicLink(second.resolve("parent"), Path.of("../first"));
    }

    private static PageRun run(long page, long count, Kind kind) {
        return new PageRun(page * PAGE, count, kind);
    }

    private static void write(Path images, int task, int pagesId, String letters, PageRun... runs) throws IOException {
        try (PagemapWriter pagemap = PagemapWriter.create(images.resolve("pagemap-" + task + ".img"), pagesId)) {
            for (PageRun run : runs) {
                pagemap.add(run);
            }
        }
        ByteArrayOutputStream pages = new ByteArrayOutputStream();
        for (int i = 0; i < letters.length(); i++) {
            pages.write(letters.substring(i, i + 1).repeat(PAGE).getBytes(StandardCharsets.US_ASCII));
        }
        Files.write(images.resolve("pages-" + pagesId + ".img"), pages.toByteArray());
    }

    private static List<PageRun> runs(Path images, int task) throws IOException {
        List<PageRun> runs = new ArrayList<>();
        try (PagemapReader reader = PagemapReader.open(images.resolve("pagemap-" + task + ".img"))) {
            for (Optional<PageRun> run = reader.next(); run.isPresent(); run = reader.next()) {
                runs.add(run.get());
            }
        }
        return runs;
    }

    private static String letters(Path images, int task) throws IOException {
        try (PagemapReader reader = PagemapReader.open(images.resolve("pagemap-" + task + ".img"))) {
            String content = Files.readString(images.resolve(reader.pagesFile()));
            StringBuilder letters = new StringBuilder();
            for (int at = 0; at < content.length(); at += PAGE) {
                letters.append(content.charAt(at));
            }
            return letters.toString();
        }
    }

    @Test
    void leavesToTheChainWhatItHasAndKeepsTheRest() throws IOException {
        write(first, 1, 1, "abcdefgh", run(10, 8, Kind.PRESENT));
        write(second, 1, 1, "XY", run(10, 2, Kind.PARENT), run(12, 2, Kind.PRESENT), run(16, 2, Kind.PARENT));
        // Page 14 was in the first level only, 18 in none; 11 has changed, and one byte of 17 has.
        write(
                dump,
                1,
                1,
                "aZXYegQr",
                run(10, 5, Kind.PRESENT),
                run(16, 2, Kind.PRESENT_LAZY),
                run(18, 1, Kind.PRESENT),
                run(30, 4, Kind.LAZY));
        write(dump, 2, 2, "pq", run(1, 2, Kind.PRESENT));

        assertThat(ParentReduction.reduce(dump, second, "../second")).isEqualTo(new ParentReduction.Outcome(4, 4));
        assertThat(runs(dump, 1))
                .containsExactly(
                        run(10, 1, Kind.PARENT),
                        run(11, 1, Kind.PRESENT),
                        run(12, 2, Kind.PARENT),
                        run(14, 1, Kind.PRESENT),
                        run(16, 1, Kind.PARENT),
                        run(17, 1, Kind.PRESENT_LAZY),
                        run(18, 1, Kind.PRESENT),
                        run(30, 4, Kind.LAZY));
        assertThat(letters(dump, 1)).isEqualTo("ZeQr");
        assertThat(letters(dump, 2)).isEqualTo("pq");
        assertThat(dump.resolve("pages-1.img")).doesNotExist();
        ChainCoverage.check(dump);
    }

    @Test
    void aByteIsEnoughToKeepAPage() throws IOException {
        write(first, 1, 1, "ab", run(10, 2, Kind.PRESENT));
        write(dump, 1, 1, "ab", run(10, 2, Kind.PRESENT));
        Path pages = dump.resolve("pages-1.img");
        byte[] content = Files.readAllBytes(pages);
        content[2 * PAGE - 1]++;
        Files.write(pages, content);
        assertThat(ParentReduction.reduce(dump, first, "../first")).isEqualTo(new ParentReduction.Outcome(1, 1));
    }

    @Test
    void aDumpThatHasNothingInCommonStaysAsItIs() throws IOException {
        write(first, 1, 1, "ab", run(10, 2, Kind.PRESENT));
        write(dump, 1, 1, "cd", run(10, 2, Kind.PRESENT));
        ParentReduction.reduce(dump, first, "../first");
        assertThat(runs(dump, 1)).containsExactly(run(10, 2, Kind.PRESENT));
        assertThat(letters(dump, 1)).isEqualTo("cd");
        assertThat(dump.toFile().list()).hasSize(3);
    }

    @Test
    void aPageThatTheChainLacksIsFound() throws IOException {
        Files.createSymbolicLink(dump.resolve("parent"), Path.of("../second"));
        write(first, 1, 1, "ab", run(10, 2, Kind.PRESENT));
        write(second, 1, 1, "", run(10, 1, Kind.PARENT));
        write(dump, 1, 1, "", run(10, 2, Kind.PARENT));
        assertThatThrownBy(() -> ChainCoverage.check(dump))
                .isInstanceOf(CriuImageException.class)
                .hasMessageContaining("page at 0xb000");
        write(dump, 7, 2, "", run(10, 1, Kind.PARENT));
        Files.delete(dump.resolve("pagemap-1.img"));
        assertThatThrownBy(() -> ChainCoverage.check(dump))
                .isInstanceOf(CriuImageException.class)
                .hasMessageContaining("in which the task is not");
    }

    @Test
    void aPagesFileThatIsCutOffIsFound() throws IOException {
        Files.createSymbolicLink(dump.resolve("parent"), Path.of("../first"));
        write(first, 1, 1, "a", run(10, 2, Kind.PRESENT));
        write(dump, 1, 1, "", run(10, 2, Kind.PARENT));
        assertThatThrownBy(() -> ChainCoverage.check(dump)).hasMessageContaining("is cut off");
    }
}
