package dev.ctr.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A tar archive of files that are still where they are. Everything but their content is known, and with it the archive's
 * exact size, so that it can be streamed into another archive without a copy on disk.
 *
 * <p>It takes some hundred bytes of memory for each entry. The files may go on changing while it is written: a file
 * that has become shorter is filled up with zeros, one that has become longer is cut, one that is gone is all zeros, and
 * {@link #warnings} says so. Not for concurrent use.
 */
public final class TarPlan {
    private final Path root;
    private final List<PlannedEntry> entries;
    private final List<String> warnings;
    private final long size;

    TarPlan(Path root, List<PlannedEntry> entries, List<String> warnings) {
        this.root = root;
        this.entries = entries;
        this.warnings = warnings;
        long total = TarHeaders.END_SIZE;
        for (PlannedEntry planned : entries) {
            total += TarHeaders.encode(planned.entry()).length
                    + TarHeaders.padded(planned.entry().size());
        }
        this.size = total;
    }

    /**
     * Scans a whole directory. The first entry is {@code ./} with the directory's own mode, the others are {@code ./x}, as
     * podman writes volumes and {@code /dev/shm}. File systems mounted below are left out, their mount points are not.
     *
     * @throws IOException if the directory cannot be read
     */
    public static TarPlan ofDirectory(Path directory) throws IOException {
        return DirectoryScan.scan(directory, "./");
    }

    /** Exact length of what {@link #writeTo} writes, in bytes. */
    public long size() {
        return size;
    }

    /** How many entries there are. */
    public int entryCount() {
        return entries.size();
    }

    /** What could not be taken along, and, after writing, what changed meanwhile. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * Writes the archive, exactly {@link #size} bytes, and leaves {@code out} open.
     *
     * @throws IOException if {@code out} fails, or if the disk fails under a file
     */
    public void writeTo(OutputStream out) throws IOException {
        try (FileContents contents = FileContents.below(root)) {
            for (PlannedEntry planned : entries) {
                TarEntry entry = planned.entry();
                out.write(TarHeaders.encode(entry));
                if (entry.size() > 0) {
                    contents.copy(planned.path(), entry.size(), out).ifPresent(warnings::add);
                    out.write(new byte[(int) (TarHeaders.padded(entry.size()) - entry.size())]);
                }
            }
        }
        out.write(new byte[TarHeaders.END_SIZE]);
    }

    /** The same with further entries without content at the end. */
    TarPlan with(List<TarEntry> further) {
        List<PlannedEntry> all = new ArrayList<>(entries);
        further.forEach(entry -> all.add(new PlannedEntry(entry, "", FileVersion.NONE)));
        return new TarPlan(root, all, new ArrayList<>(warnings));
    }

    Path root() {
        return root;
    }

    List<PlannedEntry> entries() {
        return entries;
    }

    /**
     * An entry and the file it is made from.
     *
     * @param path of the file, relative to the plan's root
     * @param version tells whether it is the file that it was before
     */
    record PlannedEntry(TarEntry entry, String path, FileVersion version) {}
}
