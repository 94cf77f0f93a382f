package dev.ctr.archive;

import dev.ctr.criu.linux.DirectoryDescriptor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Plans the tar of a whole directory tree, in the order of names, without leaving its file system. */
final class DirectoryScan {
    private DirectoryScan() {}

    /**
     * @param prefix what the names in the archive begin with, which is also the name of the directory itself
     */
    static TarPlan scan(Path directory, String prefix) throws IOException {
        Path root = directory.toRealPath();
        FileStatus status = FileStatus.of(root);
        if (!status.isDirectory()) {
            throw new IOException("cannot archive %s: it is no directory".formatted(directory));
        }
        PlanBuilder plan = new PlanBuilder(root, prefix);
        plan.add("", root, status);
        try (DirectoryDescriptor top = DirectoryDescriptor.open(root)) {
            TreeWalk.below(
                    top,
                    false,
                    (path, parent, name, found) -> plan.add(path, parent.path().resolve(name), found));
        }
        return plan.build();
    }

    /** The files in a directory, sorted by name. */
    static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        }
        children.sort(Comparator.naturalOrder());
        return children;
    }
}
