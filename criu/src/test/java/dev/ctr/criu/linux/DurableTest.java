package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableTest {
    private static final Set<PosixFilePermission> PERMISSIONS = PosixFilePermissions.fromString("rw-rw-r--");

    @TempDir
    Path directory;

    @Test
    void replacesContentAndPermissionsAndLeavesNothingElse() throws IOException {
        Path target = Files.writeString(directory.resolve("file"), "a longer old content");

        Durable.writeAtomically(target, new byte[] {'n', 'e', 'w'}, PERMISSIONS);

        assertThat(target).hasContent("new");
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(PERMISSIONS);
        assertThat(directory).isDirectoryNotContaining(path -> !path.equals(target));
    }

    @Test
    void aReaderOfTheOldFileStillSeesItWhole() throws IOException {
        Path target = Files.writeString(directory.resolve("file"), "old");
        try (var reader = Files.newInputStream(target)) {
            Durable.writeAtomically(target, new byte[10], PERMISSIONS);

            assertThat(reader.readAllBytes()).asString().isEqualTo("old");
        }
    }

    @Test
    void aFailureLeavesTheTargetAndNoTemporaryFile() throws IOException {
        Path target = directory.resolve("in-the-way");
        Files.createDirectories(target.resolve("full"));

        assertThatThrownBy(() -> Durable.writeAtomically(target, new byte[1], PERMISSIONS))
                .isInstanceOf(IOException.class);

        assertThat(directory).isDirectoryNotContaining(path -> !path.equals(target));
        assertThat(target.resolve("full")).isDirectory();
    }
}
