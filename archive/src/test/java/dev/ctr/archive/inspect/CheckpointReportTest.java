package dev.ctr.archive.inspect;

import static dev.ctr.archive.inspect.SmallCheckpoint.page;
import static dev.ctr.archive.inspect.SmallCheckpoint.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.archive.inspect.Change.Kind;
import dev.ctr.archive.inspect.CheckpointOverview.Network;
import dev.ctr.criu.image.ImageType;
import dev.ctr.criu.image.PageRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class CheckpointReportTest {
    private static final InspectionScope ALL = new InspectionScope(true, true, true, true);
    private static final int PAGE = PageRun.PAGE_SIZE;

    @TempDir
    Path temp;

    private SmallCheckpoint checkpoint;

    @BeforeEach
    void makeCheckpoint() throws IOException {
        checkpoint = new SmallCheckpoint(temp.resolve("one"));
    }

    @Test
    void leavesNothingUnpacked() throws IOException {
        Path unpacked = Files.createDirectory(temp.resolve("unpacked"));
        try (CheckpointContent content = CheckpointContent.openIn(unpacked, checkpoint.archive())) {
            assertThat(content.directory()).isNotEmptyDirectory();
            assertThat(Files.getPosixFilePermissions(content.directory())).hasSize(3);
        }
        assertThat(unpacked).isEmptyDirectory();
        Files.delete(checkpoint.bundle().resolve("config.dump"));
        ArchiveSource incomplete = checkpoint.archive();
        assertThatThrownBy(() -> CheckpointContent.openIn(unpacked, incomplete)).hasMessageContaining("config.dump");
        assertThat(unpacked).isEmptyDirectory();
    }

    @Test
    void saysWhatTheArchiveSays() throws IOException {
        CheckpointOverview overview = CheckpointOverview.read(checkpoint.archive());
        assertThat(overview.container()).isEqualTo("one");
        assertThat(overview.created()).isEqualTo("2026-11-22T12:10:15Z");
        assertThat(overview.engine()).isEqualTo("Podman");
        assertThat(overview.networks()).containsExactly(new Network("podman", "eth0", "10.88.0.7/16", "46:65"));
        assertThat(overview.pagesBytes()).isEqualTo(4 * PAGE);
        assertThat(overview.checkpointBytes()).isGreaterThan(4 * PAGE);
    }

    @Test
    void findsCommandLineAndEnvironmentInMemoryAlsoOfThePreCheckpoint() throws IOException {
        CheckpointReport report = CheckpointReport.of(checkpoint.archive(), ALL);
        assertThat(report.levels()).containsExactly("checkpoint", "pre-checkpoint");
        ProcessReport process = report.of(report.tree().roots().get(0));
        assertThat(process.arguments()).containsExactly("sleep", "\u001b[31mred");
        assertThat(process.environment()).containsExactly("A=b", "C=");
    }

    @Test
    void countsMemoryByMapping() throws IOException {
        CheckpointReport report = CheckpointReport.of(checkpoint.archive(), ALL);
        MappingMemory memory = report.of(report.tree().roots().get(0)).memory().get(0);
        assertThat(memory.mapping().name()).isEqualTo("[stack]");
        assertThat(memory.mapping().size()).isEqualTo(8 * PAGE);
        assertThat(memory).isEqualTo(new MappingMemory(memory.mapping(), PAGE, PAGE, 3 * PAGE, PAGE, PAGE));
    }

    @Test
    void tellsWhatChanged() throws IOException {
        ArchiveSource first = checkpoint.archive();
        assertThat(CheckpointDifference.between(first, first, Object::toString).isEmpty())
                .isTrue();
        SmallCheckpoint later = new SmallCheckpoint(temp.resolve("two"));
        later.pagemap(
                "checkpoint",
                new PageRun(SmallCheckpoint.BASE, 3, PageRun.Kind.PRESENT),
                new PageRun(page(7), 1, PageRun.Kind.PRESENT));
        later.pages("checkpoint", text("sleep\0\u001b[31mred\0"), text("A=b\0C=\0"), text("new"), text("more"));
        later.image("core-1.img", ImageType.CORE, SmallCheckpoint.core("bash"));
        CheckpointDifference difference = CheckpointDifference.between(first, later.archive(), Object::toString);
        assertThat(difference.memory())
                .containsExactly(new MemoryChange(1, "bash", "10000000-10008000 rw-p [stack]", PAGE, PAGE, PAGE));
        assertThat(difference.uncomparedBytes()).isEqualTo(2 * PAGE);
        assertThat(difference.processes()).isEmpty();
        later.image("mm-1.img", ImageType.MM);
        Files.delete(later.bundle().resolve("checkpoint/mm-1.img"));
        assertThat(CheckpointDifference.between(first, later.archive(), Object::toString)
                        .processes())
                .containsExactly(new Change(Kind.CHANGED, "[1]", "sleep \u001b[31mred, ALIVE", "bash, ALIVE"));
    }

    @Test
    void refusesImagesThatAreHostile() throws IOException {
        checkpoint.pages("pre-checkpoint", text("A=b\0C=\0"));
        assertFails("\"pre-checkpoint/pages-1.img\" is cut off: it has no page 1");
        Files.delete(checkpoint.bundle().resolve("pre-checkpoint/pages-1.img"));
        assertFails("no entry \"pre-checkpoint/pages-1.img\"");
        checkpoint.pagemap("checkpoint", new PageRun(page(0), 1L << 32, PageRun.Kind.PRESENT));
        assertFails("is cut off: it has no page 1");
        Files.write(checkpoint.bundle().resolve("checkpoint/mm-1.img"), new byte[] {1, 2, 3});
        assertFails("is cut off");
        Files.delete(checkpoint.bundle().resolve("checkpoint/inventory.img"));
        assertFails("the checkpoint is not complete");
        Files.delete(checkpoint.bundle().resolve("config.dump"));
        assertFails("no entry \"config.dump\"");
    }

    @Test
    void refusesLinksThatLeadElsewhere() throws IOException {
        Path link = checkpoint.bundle().resolve("checkpoint/parent");
        for (String target : List.of("/etc", "../../x", "../checkpoint/../pre-checkpoint", "../config.dump")) {
            Files.delete(link);
            Files.createSymbolicLink(link, Path.of(target));
            assertFails("do not trust this archive");
        }
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("../pre-checkpoint"));
        Files.createSymbolicLink(checkpoint.bundle().resolve("pre-checkpoint/parent"), Path.of("../pre-checkpoint"));
        assertFails("do not trust this archive");
    }

    private void assertFails(String sentence) throws IOException {
        ArchiveSource archive = checkpoint.archive();
        assertThatThrownBy(() -> CheckpointReport.of(archive, ALL))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(sentence);
    }
}
