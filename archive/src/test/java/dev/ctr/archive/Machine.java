package dev.ctr.archive;

import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.Xattrs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this machine lets a test do. Each method tries exactly that. */
final class Machine {
    private Machine() {}

    /** Whether device nodes and other people's files can be made here. */
    static boolean canMakeNodesAndOwners(Path directory) throws IOException {
        Path node = directory.resolve("probe-node");
        try {
            FileNodes.mknod(node, FileNodes.S_IFCHR | 0600, FileNodes.device(1, 3));
            FileNodes.lchown(node, 12, 34);
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            Files.deleteIfExists(node);
        }
    }

    /** Whether the file system has these attributes, and they can be set here. */
    static boolean canSetXattr(Path directory, String name, byte... value) throws IOException {
        Path file = Files.createFile(directory.resolve("probe-xattr"));
        try {
            Xattrs.set(file, name, value);
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            Files.delete(file);
        }
    }
}
