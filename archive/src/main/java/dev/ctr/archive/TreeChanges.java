package dev.ctr.archive;

import dev.ctr.archive.TarPlan.PlannedEntry;
import dev.ctr.archive.TreeCopy.Known;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is different between a tree and what is known of its copy.
 *
 * @param deleted paths that the copy has and the tree has not; one for a directory with all that is in it
 * @param whole what is made anew in the copy, or gets its attributes anew
 * @param rewritten files of which blocks may be different
 */
record TreeChanges(List<String> deleted, List<PlannedEntry> whole, List<PlannedEntry> rewritten) {
    static TreeChanges of(TarPlan plan, Map<String, Known> known) {
        Set<String> paths = new HashSet<>();
        Set<Long> linked = new HashSet<>();
        Set<String> touched = new HashSet<>();
        for (PlannedEntry entry : plan.entries()) {
            String path = key(entry);
            paths.add(path);
            Known old = known.get(path);
            if (old != null && old.isSame(entry)) {
                continue;
            }
            if (old == null || !old.isRewritten(entry)) {
                touched.add(parent(path));
            }
            if (entry.version().links() > 1 && entry.entry().kind() != TarEntry.Kind.DIRECTORY) {
                linked.add(entry.version().inode());
            }
        }
        List<String> deleted = deleted(known, paths);
        deleted.forEach(path -> touched.add(parent(path)));
        List<PlannedEntry> whole = new ArrayList<>();
        List<PlannedEntry> rewritten = new ArrayList<>();
        for (PlannedEntry entry : plan.entries()) {
            String path = key(entry);
            Known old = known.get(path);
            boolean isDirectory = entry.entry().kind() == TarEntry.Kind.DIRECTORY;
            if (isDirectory
                    ? touched.contains(path)
                    : linked.contains(entry.version().inode())) {
                // Making something in a directory changes its time; one name of a file that is made anew takes all
                // others along.
                whole.add(entry);
            } else if (old == null || !old.isSame(entry)) {
                (old != null && old.isRewritten(entry) ? rewritten : whole).add(entry);
            }
        }
        return new TreeChanges(deleted, whole, rewritten);
    }

    private static List<String> deleted(Map<String, Known> known, Set<String> paths) {
        List<String> deleted = new ArrayList<>();
        Set<String> gone = new TreeSet<>();
        for (String path : known.keySet()) {
            if (!path.isEmpty() && !paths.contains(path)) {
                gone.add(path);
            }
        }
        for (String path : gone) {
            if (!gone.contains(parent(path))) {
                deleted.add(path);
            }
        }
        return deleted;
    }

    /** By what a file is known: its path, empty for the top. */
    static String key(PlannedEntry entry) {
        return entry.path().equals(".") ? "" : entry.path();
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    void writeDeleted(DataOutputStream out) throws IOException {
        for (String path : deleted) {
            out.writeByte(TreeRecord.DELETE);
            TreeRecord.writePath(out, path);
        }
    }
}
