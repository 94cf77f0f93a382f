package dev.ctr.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.agent.transfer.MigrationId;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationJournalTest {
    @TempDir
    private Path root;

    private static MigrationRecord entry(Side side, Instant when) {
        return new MigrationRecord(
                MigrationId.random(),
                side,
                1,
                MigrationState.BEGUN,
                "c0ffee",
                "web",
                "host-b",
                "host-b:7443",
                "cold",
                "",
                false,
                "",
                when,
                when);
    }

    @Test
    void whatWasWrittenIsReadByAnotherProcessAndIsForNobodyElse() throws IOException {
        MigrationRecord entry = entry(Side.SOURCE, Instant.now());
        new MigrationJournal(root).begin(entry);
        MigrationJournal again = new MigrationJournal(root);
        assertThat(again.read(Side.SOURCE, entry.migration())).contains(entry);
        assertThat(again.read(Side.TARGET, entry.migration())).isEmpty();
        assertThat(again.find(entry.migration().abbreviated())).containsExactly(entry);
        again.write(entry.in(MigrationState.GIVEN_AWAY, "").inEpoch(2));
        assertThat(again.all()).singleElement().satisfies(now -> {
            assertThat(now.state()).isEqualTo(MigrationState.GIVEN_AWAY);
            assertThat(now.epoch()).isEqualTo(2);
        });
        Path file = root.resolve("migrations/source-" + entry.migration() + ".json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aMigrationBeginsOnce() throws IOException {
        MigrationJournal journal = new MigrationJournal(root);
        MigrationRecord entry = entry(Side.TARGET, Instant.now());
        journal.begin(entry);
        assertThatThrownBy(() -> journal.begin(entry)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void oneProcessCarriesAMigrationOut() throws IOException {
        MigrationJournal journal = new MigrationJournal(root);
        MigrationRecord entry = entry(Side.SOURCE, Instant.now());
        try (SourceJournal owned = SourceJournal.begin(journal, entry)) {
            assertThat(owned.state()).isEqualTo(MigrationState.BEGUN);
            assertThat(journal.isOwned(entry)).isTrue();
            assertThatThrownBy(() -> SourceJournal.takeUp(journal, entry)).hasMessageContaining("is under way");
        }
        assertThat(journal.isOwned(entry)).isFalse();
        try (SourceJournal taken = SourceJournal.takeUp(journal, entry)) {
            assertThat(taken.nextEpoch()).isEqualTo(2);
        }
    }

    @Test
    void whatIsOverIsForgottenInTimeAndWhatIsOpenNever() throws IOException {
        MigrationJournal journal = new MigrationJournal(root);
        Instant old = Instant.now().minus(Duration.ofDays(30));
        MigrationRecord open = entry(Side.TARGET, old);
        MigrationRecord over = entry(Side.TARGET, old);
        journal.write(open);
        journal.write(new MigrationRecord(
                over.migration(),
                Side.TARGET,
                1,
                MigrationState.CANCELLED,
                "c0ffee",
                "web",
                "host-a",
                "",
                "cold",
                "",
                false,
                "",
                old,
                old));
        MigrationRecord begun = entry(Side.TARGET, Instant.now());
        journal.begin(begun);
        assertThat(journal.all())
                .extracting(MigrationRecord::migration)
                .containsExactly(open.migration(), begun.migration());
    }

    @Test
    void aDamagedJournalIsNamedAndNotTakenForNothing() throws IOException {
        MigrationJournal journal = new MigrationJournal(root);
        MigrationRecord entry = entry(Side.SOURCE, Instant.now());
        journal.begin(entry);
        Path file = root.resolve("migrations/source-" + entry.migration() + ".json");
        Files.writeString(file, "{\"migration\":");
        assertThatThrownBy(() -> journal.read(Side.SOURCE, entry.migration()))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("damaged");
    }

    @Test
    void aCancellationReachesWhoCarriesItOut() throws IOException {
        MigrationJournal journal = new MigrationJournal(root);
        try (SourceJournal owned = SourceJournal.begin(journal, entry(Side.SOURCE, Instant.now()))) {
            assertThat(owned.isCancelRequested()).isFalse();
            journal.requestCancel(Side.SOURCE, owned.id());
            assertThat(owned.isCancelRequested()).isTrue();
            owned.become(MigrationState.CANCELLED, "");
            assertThat(owned.isCancelRequested()).isFalse();
        }
    }
}
