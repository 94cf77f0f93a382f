package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.archive.TarPlan.PlannedEntry;
import dev.ctr.criu.linux.FileSystemSync;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A copy of a directory tree elsewhere, as its source keeps it up to date while programs go on writing: {@link #send} writes what the
 * copy lacks, for {@link TreeReplica}. What is known of the copy takes some hundred bytes of memory for each file, as a {@link TarPlan}
 * does, and a check sum on the disk for each block of 4 KiB. Not for concurrent use.
 *
 * <p>A file whose inode, size and st_ctime are what they were is taken for unchanged. That relies on two facts. The kernel stamps
 * st_ctime at every write, but by a clock that ticks every 1 to 10 ms: so a file that was changed shortly before it was sent counts as
 * changed. And a write through a shared mapping is stamped only when it makes a clean page dirty: so {@link #settle} has everything
 * written to the disk, after which pages are clean and write-protected. Where that is not known to be so, as on tmpfs, every file is
 * compared block by block.
 */
public final class TreeCopy implements Closeable {
    /** File systems that write-protect pages when they write them back, and stamp the file when one is written to again. */
    private static final Set<String> STAMPING = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs");

    /** How far a time stamp may be behind the clock: ten ticks of the slowest kernel. */
    private static final long TICKS_NANOS = 100_000_000;

    private final BlockSums sums;
    private Map<String, Known> known = Map.of();
    private List<String> hidden = List.of();
    private long settledNanos = Long.MIN_VALUE;
    private boolean stamped;

    private TreeCopy(BlockSums sums) {
        this.sums = sums;
    }

    /**
     * What the copy has of a file.
     *
     * @param sums where its check sums are
     * @param unsure whether it may have been changed without a change of its version
     * @param xattrs the names of its attributes
     */
    record Known(FileVersion version, Kind kind, long size, long sums, boolean unsure, Set<String> xattrs) {
        boolean isSame(PlannedEntry entry) {
            return !unsure
                    && version.equals(entry.version())
                    && size == entry.entry().size();
        }

        /** Whether it is still the file that it was, with other content. */
        boolean isRewritten(PlannedEntry entry) {
            return kind == Kind.FILE
                    && entry.entry().kind() == Kind.FILE
                    && size > 0
                    && version.links() == 1
                    && entry.version().links() == 1
                    && version.inode() == entry.version().inode();
        }
    }

    /**
     * A copy that has nothing yet.
     *
     * @param notes a file that does not exist yet, for the check sums
     */
    public static TreeCopy notedIn(Path notes) throws IOException {
        return new TreeCopy(BlockSums.create(notes));
    }

    /** Prepares for a plan that is made after this while programs write, and sent then: forces the tree's file system to the disk. */
    public void settle(Path directory) throws IOException {
        long now = FileVersion.nanos(Instant.now());
        stamped = STAMPING.contains(Files.getFileStore(directory).type());
        if (stamped) {
            FileSystemSync.of(directory);
        }
        settledNanos = now - TICKS_NANOS;
    }

    /**
     * Writes what the copy lacks, in the form that docs/agent-protocol.md describes.
     *
     * @param plan all that the tree has
     * @param nowHidden absolute paths that are to be absent although the place where the copy will be used has them
     * @return how many bytes of files' content
     */
    public long send(TarPlan plan, List<String> nowHidden, DataOutputStream out) throws IOException {
        TreeChanges changes = TreeChanges.of(plan, known);
        Map<String, Known> next = new HashMap<>();
        long content;
        try (FileContents files = FileContents.below(plan.root())) {
            changes.writeDeleted(out);
            content = sendWhole(changes.whole(), files, out, next);
            for (PlannedEntry entry : changes.rewritten()) {
                content += sendDifference(entry, files, out, next);
            }
        }
        for (PlannedEntry entry : plan.entries()) {
            String path = TreeChanges.key(entry);
            if (!next.containsKey(path)) {
                next.put(path, Objects.requireNonNull(known.get(path)));
            }
        }
        if (!nowHidden.equals(hidden)) {
            out.writeByte(TreeRecord.HIDDEN);
            out.writeInt(nowHidden.size());
            for (String path : nowHidden) {
                TreeRecord.writePath(out, path);
            }
        }
        out.writeByte(TreeRecord.END);
        hidden = List.copyOf(nowHidden);
        known = next;
        return content;
    }

    private long sendWhole(
            List<PlannedEntry> entries, FileContents files, DataOutputStream out, Map<String, Known> next)
            throws IOException {
        if (entries.isEmpty()) {
            return 0;
        }
        long content = 0;
        out.writeByte(TreeRecord.TAR);
        for (PlannedEntry planned : entries) {
            TarEntry entry = withoutOld(planned);
            out.write(TarHeaders.encode(entry));
            long at = 0;
            if (entry.size() > 0) {
                SummedOutputStream summed = new SummedOutputStream(out, sums.writer());
                files.copy(planned.path(), entry.size(), summed);
                at = summed.finish();
                out.write(new byte[(int) (TarHeaders.padded(entry.size()) - entry.size())]);
                content += entry.size();
            }
            next.put(TreeChanges.key(planned), known(planned, at));
        }
        out.write(new byte[TarHeaders.END_SIZE]);
        return content;
    }

    private long sendDifference(PlannedEntry planned, FileContents files, DataOutputStream out, Map<String, Known> next)
            throws IOException {
        String path = TreeChanges.key(planned);
        Known old = Objects.requireNonNull(known.get(path));
        FileDifference difference = new FileDifference(out, () -> {
            byte[] header = TarHeaders.encode(withoutOld(planned));
            out.writeByte(TreeRecord.PATCH);
            out.writeInt(header.length);
            out.write(header);
        });
        BlockSums.Writer writer = sums.writer();
        long size = planned.entry().size();
        Optional<FileChannel> found = files.find(planned.path());
        long content;
        try (FileChannel file = found.orElse(null)) {
            content = difference.write(file, size, sums.reader(old.sums(), old.size()), old.size(), writer);
        }
        if (!old.version().equals(planned.version()) || old.size() != size) {
            difference.begin();
        }
        difference.finish();
        next.put(path, known(planned, writer.finish()));
        return content;
    }

    /** The entry, such that attributes go which the file had and has no more. */
    private TarEntry withoutOld(PlannedEntry planned) {
        TarEntry entry = planned.entry();
        Known old = known.get(TreeChanges.key(planned));
        if (old == null || entry.xattrs().keySet().containsAll(old.xattrs())) {
            return entry;
        }
        Set<String> removed = new HashSet<>(old.xattrs());
        removed.addAll(entry.removedXattrs());
        removed.removeAll(entry.xattrs().keySet());
        return entry.withRemoved(removed);
    }

    private Known known(PlannedEntry planned, long sumsAt) {
        Kind kind = planned.entry().kind();
        boolean isFile = kind == Kind.FILE || kind == Kind.HARD_LINK;
        boolean unsure = planned.version().changedNanos() >= settledNanos || (isFile && !stamped);
        Set<String> names = planned.entry().xattrs().keySet();
        return new Known(
                planned.version(),
                kind,
                planned.entry().size(),
                sumsAt,
                unsure,
                names.isEmpty() ? Set.of() : Set.copyOf(names));
    }

    @Override
    public void close() throws IOException {
        sums.close();
    }
}
