package dev.ctr.criu.memory;

import dev.ctr.criu.linux.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes one level of a chain of pre-checkpoints: a directory with the page maps and pages of running tasks, which CRIU takes for
 * the parent of a dump (criu/pagemap.c, try_open_parent). It is what the memory was at about one time, each page of it possibly
 * torn; a dump that rests on it must compare every page.
 */
public final class MemoryLevel {
    private final Path directory;
    private final Optional<String> parent;
    private final Tracker tracker;
    private int taskCount;
    private long pagesWritten;
    private long pagesInParent;

    private MemoryLevel(Path directory, Optional<String> parent, Tracker tracker) {
        this.directory = directory;
        this.parent = parent;
        this.tracker = tracker;
    }

    /**
     * What a level holds.
     *
     * @param tasks how many tasks
     * @param pagesWritten pages whose content is in it
     * @param pagesInParent pages for which it refers to the level before
     */
    public record Content(int tasks, long pagesWritten, long pagesInParent) {}

    /**
     * Writes a level. On failure what was written stays, for the caller to delete.
     *
     * @param directory an empty directory
     * @param parent where the level before is, relative to the directory; empty if this is the first
     * @param tracker one that {@link TrackerChoice#resolve} has given
     * @throws IOException if memory cannot be read or files cannot be written
     */
    public static Content write(Path directory, Optional<String> parent, TrackerChoice tracker, List<LevelTask> tasks)
            throws IOException {
        MemoryLevel level = new MemoryLevel(directory, parent, tracker.tracker());
        if (parent.isPresent()) {
            Files.createSymbolicLink(directory.resolve(ParentPages.PARENT), Path.of(parent.get()));
        }
        int pagesId = 1;
        for (LevelTask task : tasks) {
            level.add(task, pagesId++);
        }
        return new Content(level.taskCount, level.pagesWritten, level.pagesInParent);
    }

    private void add(LevelTask task, int pagesId) throws IOException {
        String name = "pagemap-" + task.virtualPid() + ".img";
        TaskImages images = TaskImages.create(directory.resolve(name), pagesId);
        boolean complete;
        try (images) {
            complete = read(task.process(), name, images);
        }
        if (!complete || images.presentPages() + images.parentPages() == 0) {
            images.delete();
            return;
        }
        taskCount++;
        pagesWritten += images.presentPages();
        pagesInParent += images.parentPages();
    }

    /** Returns false if the process has ended meanwhile: then what was read may be another's that got its number. */
    private boolean read(ProcessIdentity process, String name, PageSink sink) throws IOException {
        try (MemorySource memory = MemorySource.open(process)) {
            Optional<ParentPages> previous =
                    parent.isPresent() ? ParentPages.open(directory.resolve(parent.get()), name) : Optional.empty();
            if (previous.isEmpty()) {
                tracker.track(memory, previous, sink);
            } else {
                try (ParentPages pages = previous.get()) {
                    tracker.track(memory, Optional.of(pages), sink);
                }
            }
            return process.isAlive();
        } catch (IOException e) {
            if (MemorySource.hasEnded(process, e)) {
                return false;
            }
            throw e;
        }
    }
}
