package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Path;

/** Forces whole file systems to the disk (syncfs(2)). */
public final class FileSystemSync {
    private FileSystemSync() {}

    /**
     * Writes everything that was changed on the file system of {@code directory}, and waits until it is on the disk. One call does
     * for any number of files.
     */
    public static void of(Path directory) throws IOException {
        try (Descriptor opened = Descriptor.open(directory, LibC.O_RDONLY | LibC.O_DIRECTORY)) {
            if (LibC.syncfs(opened.number()) == -1) {
                throw LibC.failure("write the file system of " + directory + " to the disk");
            }
        }
    }
}
