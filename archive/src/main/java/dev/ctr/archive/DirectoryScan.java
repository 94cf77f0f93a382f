package dev.ctr.archive;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Plans the tar of a whole directory tree, in the order of names, without leaving its file system. */
final class DirectoryScan {
    private final PlanBuilder plan;
    private final long device;

    private DirectoryScan(PlanBuilder plan, long device) {
        this.plan = plan;
        this.device = device;
    }

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
        new DirectoryScan(plan, status.device()).scanChildren(root, "");
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

    private void scanChildren(Path directory, String path) throws IOException {
        for (Path child : children(directory)) {
            String childPath = path + FileNames.of(child.getFileName());
            try {
                FileStatus status = FileStatus.of(child);
                plan.add(childPath, child, status);
                if (status.isDirectory() && status.device() == device) {
                    scanChildren(child, childPath + "/");
                }
            } catch (NoSuchFileException removedMeanwhile) {
                // As if it had been removed before the directory was listed.
            }
        }
    }
}
