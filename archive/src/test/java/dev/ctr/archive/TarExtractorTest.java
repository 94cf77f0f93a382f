package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.ExtractionOptions.Duplicates;
import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Xattrs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarExtractorTest {
    @TempDir
    Path temp;

    private Path root;
    private Path outside;

    @BeforeEach
    void makeDirectories() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        outside = Files.createDirectory(temp.resolve("outside"));
        Files.writeString(outside.resolve("file"), "untouched");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/x", "/outside/file", "..", "./../x", "a/.."})
    void namesThatLeadOutAreRefused(String name) {
        refuses(new TarBuilder().file("first", "1").file(name, "2"), Code.UNSAFE_ENTRY, "\"" + name + "\"");
        refuses(new TarBuilder().directory(name + "/"), Code.UNSAFE_ENTRY, name);
    }

    @Test
    void aLinkInTheArchiveLeadsNowhereOutside() throws IOException {
        refuses(new TarBuilder().symbolicLink("l", "../outside").file("l/file", "evil"), Code.UNSAFE_ENTRY, "l/file");
        refuses(
                new TarBuilder().symbolicLink("l", outside.toString()).file("l/new", "evil"),
                Code.UNSAFE_ENTRY,
                "l/new");
        assertUntouched();
    }

    @Test
    void anAbsoluteLinkMeansTheRootOfTheTree() throws IOException {
        extract(new TarBuilder().directory("etc/").symbolicLink("link", "/etc").file("link/f", "inside"));

        assertThat(root.resolve("etc/f")).hasContent("inside");
        assertThat(Path.of("/etc/f")).doesNotExist();
    }

    @Test
    void aLinkThatIsInTheTreeAlreadyLeadsNowhereOutside() throws IOException {
        Files.createSymbolicLink(root.resolve("out"), outside);
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../../../../.."));

        refuses(new TarBuilder().file("out/file", "evil"), Code.UNSAFE_ENTRY, "out/file");
        extract(new TarBuilder().file("up/f", "inside"));

        assertThat(root.resolve("f")).hasContent("inside");
        assertUntouched();
    }

    @Test
    void aLinkIsReplacedNotWrittenThrough() throws IOException {
        Files.createSymbolicLink(root.resolve("f"), outside.resolve("file"));
        Files.createSymbolicLink(root.resolve("d"), outside);

        extract(new TarBuilder().file("f", "new").directory("d/").file("d/file", "new"));

        assertThat(Files.isSymbolicLink(root.resolve("f"))).isFalse();
        assertThat(root.resolve("f")).hasContent("new");
        assertThat(root.resolve("d/file")).hasContent("new");
        assertUntouched();
    }

    @Test
    void anotherNameOfAFileIsNotWrittenThrough() throws IOException {
        Files.createLink(root.resolve("f"), outside.resolve("file"));

        extract(new TarBuilder().file("f", "new"));

        assertThat(root.resolve("f")).hasContent("new");
        assertUntouched();
    }

    @Test
    void hardLinksToFilesOutsideAreRefused() throws IOException {
        refuses(new TarBuilder().hardLink("l", "../outside/file"), Code.UNSAFE_ENTRY, "\"../outside/file\"");
        refuses(new TarBuilder().hardLink("l", "/outside/file"), Code.UNSAFE_ENTRY, "/outside/file");
        refuses(new TarBuilder().symbolicLink("d", "../outside").hardLink("l", "d/file"), Code.MISSING_ENTRY, "d/file");
        refuses(new TarBuilder().directory("d1/").hardLink("l", "d1"), Code.UNSAFE_ENTRY, "directory");
        extract(new TarBuilder().symbolicLink("s", "../outside/file").hardLink("l", "s"));
        assertThat(Files.isSymbolicLink(root.resolve("l"))).isTrue();
        assertUntouched();
    }

    @Test
    void aHardLinkToItselfIsKept() throws IOException {
        extract(new TarBuilder().file("f", "content").hardLink("./f", "f"));

        assertThat(root.resolve("f")).hasContent("content");
    }

    @Test
    void deviceNodesAreRefusedWhereTheyAreNotAllowed() {
        refuses(
                ExtractionOptions.EXACT.withoutDevices(),
                new TarBuilder().device("null", 1, 3),
                Code.UNSAFE_ENTRY,
                "device");
        assertThat(root.resolve("null")).doesNotExist();
    }

    @Test
    void aSecondEntryOfTheSameNameReplacesOrIsRefused() throws IOException {
        TarBuilder twice = new TarBuilder().file("f", "first").file("./f", "second");

        extract(twice);
        assertThat(root.resolve("f")).hasContent("second");

        refuses(ExtractionOptions.EXACT.with(Duplicates.REFUSE), twice, Code.UNSAFE_ENTRY, "./f");
    }

    @Test
    void filesBelowFilesAreRefused() throws IOException {
        refuses(new TarBuilder().file("f", "x").file("f/g", "y"), Code.UNSAFE_ENTRY, "f/g");
        refuses(new TarBuilder().file("f", "x").directory("f/g/"), Code.UNSAFE_ENTRY, "f/g/");
        refuses(new TarBuilder().symbolicLink("l", "nowhere").file("l/g", "y"), Code.UNSAFE_ENTRY, "l/g");
    }

    @Test
    void missingDirectoriesAreMade() throws IOException {
        extract(new TarBuilder().file("a/b/c/f", "x").directory("d/e/"));

        assertThat(root.resolve("a/b/c/f")).hasContent("x");
        assertThat(FileStatus.of(root.resolve("a/b")).mode()).isEqualTo(0755);
        assertThat(root.resolve("d/e")).isDirectory();
    }

    @Test
    void onlyWhatTheLimitsAllowIsUnpacked() {
        ExtractionOptions small = ExtractionOptions.EXACT.with(new ExtractionLimits(100, 3));

        refuses(small, new TarBuilder().file("f", "x".repeat(101)), Code.LIMIT, "100 bytes");
        refuses(small, new TarBuilder().file("f", "x".repeat(60)).file("g", "x".repeat(60)), Code.LIMIT, "\"g\"");
        refuses(
                small,
                new TarBuilder().file("1", "").file("2", "").file("3", "").file("4", ""),
                Code.LIMIT,
                "3 entries");
        assertThat(root.resolve("4")).doesNotExist();
    }

    @Test
    void attributesThatRedirectOverlayfsAreNotSet() throws IOException {
        byte[] tar = new TarBuilder()
                .fileWithXattr("f", "trusted.overlay.redirect", new byte[] {'/', 'x'})
                .fileWithXattr("g", "security.selinux", new byte[] {'x'})
                .bytes();

        TarExtractor.Result result =
                TarExtractor.extract(new ByteArrayInputStream(tar), "layer", root, ExtractionOptions.LAYER);

        assertThat(result.warnings()).hasSize(2).first().asString().contains("trusted.overlay.redirect");
        assertThat(Xattrs.list(root.resolve("f"))).isEmpty();
    }

    @Test
    void withoutOwnersNoProgramIsSetUserId() throws IOException {
        TarEntry program =
                new TarEntry("su", Kind.FILE, 06755, 1234, 5678, 0, Instant.EPOCH, "", 0, 0, Map.of(), Set.of());

        TarExtractor.extract(
                new TarBuilder().add(program, new byte[0]).stream(),
                "tar",
                root,
                ExtractionOptions.EXACT.withoutOwners());

        FileStatus status = FileStatus.of(root.resolve("su"));
        assertThat(status.mode()).isEqualTo(0755);
        assertThat(status.uid()).isEqualTo(FileStatus.of(root).uid());
    }

    @Test
    void aDirectoryOnWhichSomethingIsMountedIsNotEmptied() throws IOException {
        Path mountPoint = Files.createDirectories(root.resolve("d/mounted"));
        try {
            Mounts.bind(outside, mountPoint);
        } catch (IOException e) {
            assumeTrue(false, "needs bind mounts: " + e.getMessage());
        }
        try {
            assertThatThrownBy(() -> extract(new TarBuilder().file("d", "x"))).hasMessageContaining("mount");
            assertThatThrownBy(() -> TarExtractor.deleteInside(root, List.of("/d")))
                    .hasMessageContaining("mount");
            assertUntouched();
        } finally {
            Mounts.unmount(mountPoint);
        }
    }

    @Test
    void deletionsStayInside() throws IOException {
        Files.createSymbolicLink(root.resolve("out"), outside);
        Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
        Files.createDirectories(root.resolve("d/e"));
        Files.createSymbolicLink(root.resolve("d/e/link"), outside);
        Files.writeString(root.resolve("keep"), "x");

        TarExtractor.deleteInside(
                root,
                List.of("/d", "/out/file", "/up/outside/file", "/missing", "/keep/not-a-directory/x", "/d/again"));

        assertThat(root.resolve("d")).doesNotExist();
        assertThat(root.resolve("keep")).exists();
        assertUntouched();
        for (String path : List.of("/../outside/file", "relative", "/", "", "/..", "/a/../../outside")) {
            assertThatThrownBy(() -> TarExtractor.deleteInside(root, List.of(path)))
                    .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                    .returns(Code.UNSAFE_ENTRY, ArchiveException::code);
        }
        TarExtractor.deleteInside(root, List.of("/out"));
        assertThat(Files.exists(root.resolve("out"), LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertUntouched();
    }

    @Test
    void aTruncatedTarIsRefusedAtEveryBlock() {
        byte[] whole = new TarBuilder()
                .directory("d/")
                .file("d/f", "x".repeat(700))
                .file("n".repeat(120), "y")
                .bytes();

        for (int length = 0; length < whole.length; length += 100) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> TarExtractor.extract(
                            new ByteArrayInputStream(part), "cut.tar", root, ExtractionOptions.EXACT))
                    .as("cut at %d", length)
                    .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                    .satisfies(e -> assertThat(e.code()).isIn(Code.TRUNCATED, Code.NOT_AN_ARCHIVE))
                    .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                    .contains("cut.tar")
                    .contains("copy it again");
        }
    }

    private void assertUntouched() throws IOException {
        assertThat(outside.resolve("file")).hasContent("untouched");
        assertThat(DirectoryScan.children(outside)).hasSize(1);
    }

    private void extract(TarBuilder tar) throws IOException {
        TarExtractor.extract(tar.stream(), "the test's tar", root, ExtractionOptions.EXACT);
    }

    private void refuses(TarBuilder tar, Code code, String message) {
        refuses(ExtractionOptions.EXACT, tar, code, message);
    }

    private void refuses(ExtractionOptions options, TarBuilder tar, Code code, String message) {
        assertThatThrownBy(() -> TarExtractor.extract(tar.stream(), "the test's tar", root, options))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(code, ArchiveException::code)
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .contains(message);
    }
}
