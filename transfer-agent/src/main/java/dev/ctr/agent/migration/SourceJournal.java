package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.agent.transfer.MigrationId;
import java.io.IOException;
import java.nio.file.Path;

/** The journal of one migration from this host, owned by this process until it is closed. Safe for concurrent use. */
final class SourceJournal implements AutoCloseable {
    private final MigrationJournal journal;
    private final MigrationJournal.Ownership ownership;

    @GuardedBy("this")
    private MigrationRecord entry;

    private SourceJournal(MigrationJournal journal, MigrationJournal.Ownership ownership, MigrationRecord entry) {
        this.journal = journal;
        this.ownership = ownership;
        this.entry = entry;
    }

    /** Writes a new migration down. */
    static SourceJournal begin(MigrationJournal journal, MigrationRecord entry) throws IOException {
        MigrationJournal.Ownership ownership = journal.own(Side.SOURCE, entry.migration())
                .orElseThrow(() -> new IOException("the migration " + entry.migration() + " is another process's"));
        try {
            journal.begin(entry);
            return new SourceJournal(journal, ownership, entry);
        } catch (IOException | RuntimeException e) {
            ownership.close();
            throw e;
        }
    }

    /**
     * Takes up a migration whose process died.
     *
     * @throws IOException if it is alive
     */
    static SourceJournal takeUp(MigrationJournal journal, MigrationRecord entry) throws IOException {
        MigrationJournal.Ownership ownership = journal.own(Side.SOURCE, entry.migration())
                .orElseThrow(() -> new IOException("the migration "
                        + entry.migration().abbreviated() + " is under way; give it up with ctr migrate cancel"));
        return new SourceJournal(
                journal, ownership, journal.read(Side.SOURCE, entry.migration()).orElse(entry));
    }

    MigrationId id() {
        return entry().migration();
    }

    synchronized MigrationRecord entry() {
        return entry;
    }

    MigrationState state() {
        return entry().state();
    }

    synchronized void become(MigrationState state, String reason) throws IOException {
        write(entry.in(state, reason));
        if (state.isFinal()) {
            journal.deleteFiles(Side.SOURCE, entry.migration());
        }
    }

    /** It runs on the target. */
    synchronized void ran(String newContainer) throws IOException {
        entry = entry.withNewContainer(newContainer);
        become(MigrationState.DONE, "");
    }

    /** Begins another epoch, in which nobody but this process speaks. */
    synchronized long nextEpoch() throws IOException {
        write(entry.inEpoch(entry.epoch() + 1));
        return entry.epoch();
    }

    private synchronized void write(MigrationRecord next) throws IOException {
        journal.write(next);
        entry = next;
    }

    boolean isCancelRequested() {
        return journal.isCancelRequested(Side.SOURCE, id());
    }

    Path files() throws IOException {
        return journal.files(Side.SOURCE, id());
    }

    @Override
    public void close() throws IOException {
        ownership.close();
    }
}
