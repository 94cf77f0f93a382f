package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each hostile archive ends in one clear sentence, and nothing of it is outside of the directory that it was unpacked into. */
class HostileArchiveTest {
    private static final ExtractionLimits LIMITS = new ExtractionLimits(32 << 20, 2000);

    @TempDir
    Path temp;

    static List<HostileArchives.Case> cases() {
        return HostileArchives.all();
    }

    @Test
    void thereAreEnoughOfThem() {
        assertThat(cases())
                .hasSizeGreaterThan(80)
                .extracting(HostileArchives.Case::name)
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("cases")
    @Timeout(20)
    void aHostileArchiveIsRefusedInOneSentence(HostileArchives.Case hostile) throws IOException {
        Path staging = Files.createDirectory(temp.resolve("staging"));

        Optional<String> refusal = unpack(hostile.archive(), staging);

        assertThat(refusal).as(hostile.name()).isPresent();
        assertThat(refusal.get()).contains("test.tar").hasSizeLessThan(5000).doesNotContain("\n");
        assertThat(verify(hostile.archive())).isFalse();
        assertThat(temp).isDirectoryNotContaining(file -> !file.endsWith("staging"));
        assertThat(linksThatLeadOut(staging)).isEmpty();
    }

    private static Optional<String> unpack(byte[] archive, Path staging) throws IOException {
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.of(new ByteArrayInputStream(archive), "test.tar", LIMITS)) {
            UnpackedArchive unpacked = reader.unpackTo(staging);
            unpacked.require(ArchiveEntries.CONFIG_DUMP);
            return Optional.empty();
        } catch (ArchiveException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            assertThat(e).isExactlyInstanceOf(IOException.class);
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static boolean verify(byte[] archive) throws IOException {
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.of(new ByteArrayInputStream(archive), "test.tar", LIMITS)) {
            return reader.verify().isIntact();
        } catch (ArchiveException e) {
            return false;
        }
    }

    private static List<Path> linksThatLeadOut(Path staging) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(staging, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                boolean sound = attributes.isRegularFile()
                        || (attributes.isSymbolicLink()
                                && Files.readSymbolicLink(file).toString().equals("../pre-checkpoint"));
                if (!sound) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }
}
