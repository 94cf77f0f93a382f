package dev.ctr.archive;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.PinnedFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a tar of files while they are found, by descriptors alone: nobody who changes them meanwhile can make it read a file
 * outside. Memory grows with files that have several names, not with the tree. A file that becomes shorter while it is read is
 * filled up with zeros. Not for concurrent use.
 */
public final class TarTree {
    private final OutputStream out;
    private final Devices devices;
    private final ContentCopy contents = new ContentCopy();
    private final List<String> warnings = new ArrayList<>();

    /** What becomes of device nodes. */
    public enum Devices {
        /** They are taken along. */
        KEEP,
        /** They are left out, with a warning. */
        LEAVE_OUT
    }

    /**
     * A tar that begins.
     *
     * @param out where it goes; stays open
     */
    public TarTree(OutputStream out, Devices devices) {
        this.out = out;
        this.devices = devices;
    }

    /**
     * Adds everything below a directory, and the directory itself if it gets a name.
     *
     * @param name of the directory in the tar, such as {@code app}; empty to leave the directory itself out
     * @param acrossMounts whether to go into file systems mounted below, except the kernel's own; their mount points are added anyway
     */
    public void addDirectory(DirectoryDescriptor directory, String name, boolean acrossMounts) throws IOException {
        PlanBuilder plan = new PlanBuilder(directory.shownPath(), name.isEmpty() ? "" : name + "/");
        if (!name.isEmpty()) {
            Path itself = Path.of(".");
            add(plan, "", directory, itself, FileStatus.of(directory.path().resolve(itself)));
        }
        TreeWalk.below(directory, acrossMounts, (path, parent, file, status) -> add(plan, path, parent, file, status));
        warnings.addAll(plan.warnings());
    }

    /**
     * Adds one file, of any kind but a directory.
     *
     * @param directory where it is
     * @param file its name there; a link is added as one
     * @param name of the file in the tar
     */
    public void addFile(DirectoryDescriptor directory, Path file, String name) throws IOException {
        PlanBuilder plan = new PlanBuilder(directory.shownPath(), "");
        add(plan, name, directory, file, FileStatus.of(directory.path().resolve(file)));
        warnings.addAll(plan.warnings());
    }

    /** Ends the tar. */
    public void finish() throws IOException {
        out.write(new byte[TarHeaders.END_SIZE]);
    }

    /** What was left out or changed meanwhile, a sentence each. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    private void add(PlanBuilder plan, String path, DirectoryDescriptor directory, Path name, FileStatus status)
            throws IOException {
        Path place = directory.path().resolve(name);
        boolean isDevice = status.kind().filter(TarEntry.Kind::isDevice).isPresent();
        if (isDevice && devices == Devices.LEAVE_OUT) {
            warnings.add("left out the device node %s".formatted(path));
        } else if (!status.isRegular()) {
            plan.add(path, place, status);
            writeHeaders(plan);
        } else {
            try (PinnedFile pinned = directory.pinWithoutLinks(name)) {
                addRegular(plan, path, place, pinned);
            }
        }
    }

    /** The file that was found may have been replaced since: what is pinned now is what is described and read. */
    private void addRegular(PlanBuilder plan, String path, Path place, PinnedFile pinned) throws IOException {
        FileStatus status = FileStatus.of(pinned);
        if (!status.isRegular()) {
            return;
        }
        plan.add(path, place, status);
        long size = writeHeaders(plan);
        if (size > 0) {
            try (InputStream in = Files.newInputStream(pinned.path())) {
                contents.copy(in, path, size, out).ifPresent(warnings::add);
            }
            out.write(new byte[(int) (TarHeaders.padded(size) - size)]);
        }
    }

    /** Writes what was added last; returns how much content follows. */
    private long writeHeaders(PlanBuilder plan) throws IOException {
        long size = 0;
        for (TarPlan.PlannedEntry planned : plan.drain()) {
            out.write(TarHeaders.encode(planned.entry()));
            size = planned.entry().size();
        }
        return size;
    }
}
