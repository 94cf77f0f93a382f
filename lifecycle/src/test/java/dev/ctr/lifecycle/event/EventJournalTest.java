package dev.ctr.lifecycle.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventJournalTest {
    private static final long SMALL = 2_000;

    @TempDir
    private Path root;

    private static Event named(String name) {
        return Event.of(EventType.VOLUME, EventStatus.CREATE, "", name);
    }

    private static List<String> names(EventJournal journal, EventQuery query) {
        List<String> names = new ArrayList<>();
        journal.read(query, event -> names.add(event.name()));
        return names;
    }

    private Path file(String name) {
        return root.resolve("events").resolve(name);
    }

    @Test
    void anEventIsReadAsItWasWritten() {
        EventJournal journal = new EventJournal(root);
        Event written = Event.of(EventType.CONTAINER, EventStatus.DIED, "0123", "web")
                .withImage("localhost/bb:latest")
                .withPod("pod")
                .withExitCode(137)
                .withAttributes(Map.of("a", "with \"quotes\"\nand lines", "b", ""));
        journal.record(written);
        List<Event> read = new ArrayList<>();
        journal.read(EventQuery.all(), read::add);
        assertThat(read).containsExactly(written);
    }

    @Test
    void aRootWithoutEventsHasNone() {
        assertThat(names(new EventJournal(root), EventQuery.all())).isEmpty();
    }

    @Test
    void theJournalIsBoundedAndReadAcrossItsRotation() throws IOException {
        EventJournal journal = new EventJournal(root, SMALL);
        IntStream.range(0, 100).forEach(number -> journal.record(named("v" + number)));
        assertThat(Files.size(file("events.log"))).isLessThanOrEqualTo(SMALL);
        assertThat(Files.size(file("events.log.1"))).isLessThanOrEqualTo(SMALL);
        List<String> names = names(journal, EventQuery.all());
        assertThat(names).hasSizeGreaterThan(20).endsWith("v97", "v98", "v99");
        assertThat(names)
                .isEqualTo(IntStream.range(100 - names.size(), 100)
                        .mapToObj(number -> "v" + number)
                        .toList());
    }

    @Test
    void writersThatMeetAtARotationLoseNothing() throws Exception {
        long limit = 40_000;
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            int number = writer;
            writers.add(CompletableFuture.runAsync(() -> {
                EventJournal journal = new EventJournal(root, limit);
                IntStream.range(0, 125).forEach(event -> journal.record(named(number + "-" + event)));
            }));
        }
        CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        assertThat(file("events.log.1")).exists();
        assertThat(names(new EventJournal(root, limit), EventQuery.all()))
                .hasSize(500)
                .doesNotHaveDuplicates();
    }

    @Test
    void aTornLineIsPassedOverAndSwallowsNothing() throws IOException {
        EventJournal journal = new EventJournal(root);
        journal.record(named("before"));
        Files.writeString(file("events.log"), "{\"Name\":\"torn\",\"Stat", StandardOpenOption.APPEND);
        assertThat(names(journal, EventQuery.all())).containsExactly("before");
        journal.record(named("after"));
        assertThat(names(journal, EventQuery.all())).containsExactly("before", "after");
    }

    @Test
    void whatCannotBeWrittenDownDoesNotFail() throws IOException {
        Files.writeString(root.resolve("events"), "in the way");
        new EventJournal(root).record(named("lost"));
        assertThat(root.resolve("events")).hasContent("in the way");
    }

    @Test
    void aFollowerSeesEveryEventAcrossRotationsUntilItIsCancelled() throws Exception {
        EventJournal journal = new EventJournal(root, SMALL);
        journal.record(named("old"));
        AtomicBoolean cancelled = new AtomicBoolean();
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        CompletableFuture<Void> follower = CompletableFuture.runAsync(() -> journal.read(
                EventQuery.all().from(Instant.EPOCH).following(cancelled::get), event -> seen.add(event.name())));
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("old");
        for (int batch = 0; batch < 6; batch++) {
            List<String> names = IntStream.range(0, 10)
                    .mapToObj(Integer::toString)
                    .map((batch + "-")::concat)
                    .toList();
            names.forEach(name -> journal.record(named(name)));
            for (String name : names) {
                assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(name);
            }
        }
        assertThat(file("events.log.1")).exists();
        cancelled.set(true);
        follower.get(10, TimeUnit.SECONDS);
    }

    @Test
    void followingEndsAtTheTimeUntilWhichIsAsked() {
        EventJournal journal = new EventJournal(root);
        journal.record(named("now"));
        EventQuery query = new EventQuery(
                Optional.empty(), Optional.of(Instant.now().plusMillis(300)), event -> true, true, () -> false);
        assertThat(names(journal, query)).containsExactly("now");
    }

    @Test
    void timesAndFiltersSelect() {
        EventJournal journal = new EventJournal(root);
        journal.record(named("early"));
        Instant between = Instant.now();
        journal.record(named("late"));
        journal.record(
                Event.of(EventType.CONTAINER, EventStatus.DIED, "0123", "web").withAttributes(Map.of("tier", "front")));
        journal.record(Event.of(EventType.IMAGE, EventStatus.TAG, "4567", "localhost/bb:latest"));
        assertThat(names(journal, EventQuery.all().from(between).where(EventFilter.parse(List.of("type=volume")))))
                .containsExactly("late");
        assertThat(selected(journal, "container=012")).containsExactly("web");
        assertThat(selected(journal, "event=die", "label=tier=front")).containsExactly("web");
        assertThat(selected(journal, "status=create", "status=tag", "image=4567"))
                .containsExactly("localhost/bb:latest");
        assertThat(selected(journal, "volume=early", "type=volume")).containsExactly("early");
        assertThat(selected(journal, "label=tier=back")).isEmpty();
        assertThatThrownBy(() -> EventFilter.parse(List.of("colour=red")))
                .hasMessage("failed to parse event filters: colour is an invalid filter");
    }

    private static List<String> selected(EventJournal journal, String... filters) {
        return names(journal, EventQuery.all().where(EventFilter.parse(List.of(filters))));
    }
}
