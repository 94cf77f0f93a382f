package dev.ctr.archive;

import dev.ctr.criu.linux.DirectoryDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** How large a directory tree is. */
public final class TreeSize {
    private TreeSize() {}

    /**
     * Bytes of content of all files and links below a directory, a file with several names once; other file systems mounted below are
     * left out.
     *
     * @throws IOException if the directory cannot be read
     */
    public static long of(Path directory) throws IOException {
        long[] size = {0};
        Set<Long> counted = new HashSet<>();
        try (DirectoryDescriptor top = DirectoryDescriptor.open(directory)) {
            TreeWalk.below(top, false, (path, parent, name, status) -> {
                boolean known = status.links() > 1 && !counted.add(status.inode());
                if (!status.isDirectory() && !known) {
                    size[0] += status.size();
                }
            });
        }
        return size[0];
    }
}
