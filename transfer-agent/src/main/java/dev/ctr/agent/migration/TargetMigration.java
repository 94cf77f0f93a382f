package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.agent.transfer.ChunkReceiver;
import dev.ctr.agent.transfer.IncomingStreams;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.FilesArrived;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestoreResult;
import dev.ctr.lifecycle.TakeOver;
import dev.ctr.lifecycle.image.ImageDelivery;
import dev.ctr.proto.migration.Outcome;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One migration to this host while its source is there: takes its data, holds the restored container, and grants it the right to run
 * when the source says so. Every step is written into the journal before it is done. Safe for concurrent use.
 */
final class TargetMigration {
    private static final Logger LOG = LoggerFactory.getLogger(TargetMigration.class);

    /** A tar may be filled up with zeros to a multiple of this (POSIX, pax, "Blocking"). */
    private static final int TAR_RECORD = 10 << 10;

    private final Engine engine;
    private final MigrationJournal journal;
    private final RestoreOptions options;
    private final IncomingStreams streams;
    private final List<Path> levels = new ArrayList<>();

    /** What has arrived of the container's files; empty before the first. Steps come one after the other. */
    private Optional<FilesArrived> files = Optional.empty();

    /** Whether the container may run: completed once, with the source's word or with why not. */
    private final CompletableFuture<Boolean> verdict = new CompletableFuture<>();

    /** Completed when there is nothing left to do before the archive comes. */
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

    private final CompletableFuture<InputStream> archive = new CompletableFuture<>();
    private final CompletableFuture<ContainerId> held = new CompletableFuture<>();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    @GuardedBy("this")
    private MigrationRecord entry;

    @GuardedBy("this")
    private @Nullable Thread restoring;

    /** Why it is not to be; empty while it may. */
    @GuardedBy("this")
    private String refusal = "";

    TargetMigration(Engine engine, MigrationJournal journal, MigrationRecord entry, RestoreOptions options) {
        this.engine = engine;
        this.journal = journal;
        this.entry = entry;
        this.options = options;
        this.streams = new IncomingStreams(entry.migration());
    }

    /** A migration that a process before this one has brought to its end. */
    static TargetMigration ofPast(Engine engine, MigrationJournal journal, MigrationRecord past) {
        TargetMigration migration = new TargetMigration(engine, journal, past, new RestoreOptions());
        boolean ran = past.state() != MigrationState.CANCELLED;
        migration.end(
                ran ? "" : past.reason(),
                Outcome.newBuilder()
                        .setWord(ran ? Outcome.Word.RUNS : Outcome.Word.NEVER_RAN)
                        .setContainer(past.newContainer())
                        .setReason(past.reason())
                        .build());
        return migration;
    }

    private synchronized void end(String why, Outcome word) {
        IOException over = new IOException("the migration is over: " + word.getReason());
        refusal = why;
        verdict.complete(word.getWord() == Outcome.Word.RUNS);
        ready.completeExceptionally(over);
        held.completeExceptionally(over);
        outcome.complete(word);
        streams.fail(over);
    }

    MigrationId id() {
        return entry().migration();
    }

    synchronized MigrationRecord entry() {
        return entry;
    }

    IncomingStreams streams() {
        return streams;
    }

    private synchronized void become(MigrationState state, String reason) throws IOException {
        MigrationRecord next = entry.in(state, reason);
        journal.write(next);
        entry = next;
    }

    /** Notes that the source speaks in a later epoch. */
    synchronized void enterEpoch(long epoch) throws IOException {
        if (epoch > entry.epoch()) {
            MigrationRecord next = entry.inEpoch(epoch);
            journal.write(next);
            entry = next;
        }
    }

    /** Takes what this host lacks of the container's image. */
    void loadImage(String stream) throws IOException {
        FaultPoint.at("target-image");
        try (ChunkReceiver in = streams.stream(stream)) {
            new ImageDelivery(engine.images()).add(in);
            if (in.readNBytes(TAR_RECORD + 1).length > TAR_RECORD) {
                throw new IOException("the image is followed by something else");
            }
        }
        streams.finish(stream);
    }

    /** Takes one level of a chain of pre-checkpoints. */
    void storeLevel(String stream) throws IOException {
        FaultPoint.at("target-level");
        levels.add(store(stream, "level-" + (levels.size() + 1) + ".tar"));
    }

    /** Makes what can be made of the container before it is frozen, as the rehearsal tells of it. */
    void rehearse(String stream) throws IOException, InterruptedException {
        takeOver(new ArrivingContainer(Optional.of(streams.stream(stream))));
        Reply.of(ready);
        streams.finish(stream);
        FaultPoint.at("target-rehearsed");
    }

    /** Takes a round of the container's files. */
    void storeFiles(String stream) throws IOException {
        FilesArrived arrived = filesArrived();
        try (ChunkReceiver in = streams.stream(stream)) {
            arrived.take(in);
        }
        streams.finish(stream);
        FaultPoint.at("target-files");
    }

    private FilesArrived filesArrived() throws IOException {
        if (files.isEmpty()) {
            Path directory = Files.createDirectory(directory().resolve("files"));
            files = Optional.of(new FilesArrived(directory, options));
            options.filesArrived(files.get());
        }
        return files.get();
    }

    /** Where what arrives is kept until the migration is over; after that there is no such place. */
    private synchronized Path directory() throws IOException {
        if (!refusal.isEmpty() || outcome.isDone()) {
            throw new IOException("the migration is over: " + refusal);
        }
        return journal.files(Side.TARGET, id());
    }

    private Path store(String stream, String name) throws IOException {
        Path file = directory().resolve(name);
        try (ChunkReceiver in = streams.stream(stream);
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            in.transferTo(out);
        }
        streams.finish(stream);
        return file;
    }

    /**
     * Takes the container over from a checkpoint archive.
     *
     * @param filesStream the last round of its files; empty if the archive has them
     * @return its ID, once it is restored and held
     * @throws IOException if it cannot be; nothing of it is left
     */
    ContainerId stage(String stream, String filesStream) throws IOException, InterruptedException {
        FaultPoint.at("target-final");
        if (files.isPresent() == filesStream.isEmpty()) {
            throw new IOException(
                    "the last of the container's files must come with it if others came ahead, and else not");
        }
        options.importPrevious(levels);
        if (!filesStream.isEmpty()) {
            takeLastFiles(filesStream);
        }
        archive.complete(streams.stream(stream));
        if (!ready.isDone()) {
            takeOver(new ArrivingContainer(Optional.empty()));
        }
        return Reply.of(held);
    }

    private void takeLastFiles(String stream) throws IOException {
        FilesArrived arrived = filesArrived();
        ChunkReceiver in = streams.stream(stream);
        Thread thread = new Thread(() -> takeLastFiles(arrived, in), "files-" + id().abbreviated());
        thread.setDaemon(true);
        thread.start();
    }

    private void takeLastFiles(FilesArrived arrived, ChunkReceiver in) {
        try (in) {
            arrived.takeLast(in);
        } catch (IOException | RuntimeException e) {
            LOG.info("the files of migration {} did not arrive: {}", id(), e.getMessage());
        }
    }

    /** What the engine asks for while it takes the container over, in a thread of its own. */
    private final class ArrivingContainer implements TakeOver {
        private final Optional<InputStream> rehearsal;

        ArrivingContainer(Optional<InputStream> rehearsal) {
            this.rehearsal = rehearsal;
        }

        @Override
        public String token() {
            return id().hex();
        }

        @Override
        public Optional<InputStream> rehearsal() {
            return rehearsal;
        }

        @Override
        public InputStream archive() throws IOException, InterruptedException {
            ready.complete(true);
            return Reply.of(archive);
        }

        @Override
        public void held(ContainerId container) throws IOException, InterruptedException {
            hold(container);
        }
    }

    /** Has the engine take the container over, in a thread of its own. */
    private synchronized void takeOver(ArrivingContainer arriving) throws IOException {
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
        if (restoring != null) {
            throw new IOException("the container is being taken over already");
        }
        Thread thread =
                new Thread(() -> run(arriving), "take-over-" + entry.migration().abbreviated());
        thread.setDaemon(true);
        restoring = thread;
        thread.start();
    }

    private void run(ArrivingContainer arriving) {
        try {
            RestoreResult result = engine.takeOver(options, arriving);
            LOG.info(
                    "frozen: {} ms unpack, {} ms files, {} ms network and bundle, {} ms restore, held and run",
                    result.phases().unpack().toMillis(),
                    result.phases().files().toMillis(),
                    result.phases().prepare().toMillis(),
                    result.runtimeDuration().toMillis());
            ran(result.id(), result.running(), result.warnings());
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void hold(ContainerId container) throws IOException, InterruptedException {
        synchronized (this) {
            entry = entry.withNewContainer(container.hex());
            become(MigrationState.HELD, "");
        }
        FaultPoint.at("target-held");
        held.complete(container);
        if (!Reply.of(verdict)) {
            throw new IOException(why());
        }
        become(MigrationState.GRANTED, "");
        FaultPoint.at("target-granted");
    }

    /** Why it is not to be; empty if it is. */
    synchronized String why() {
        return refusal;
    }

    private void ran(ContainerId container, Instant since, List<String> warnings) {
        FaultPoint.at("target-runs");
        try {
            become(MigrationState.RUNS, "");
        } catch (IOException e) {
            LOG.warn("cannot note that {} runs: {}", container, e.getMessage());
        }
        outcome.complete(Outcome.newBuilder()
                .setWord(Outcome.Word.RUNS)
                .setContainer(container.hex())
                .setRunningSinceMicros(ChronoUnit.MICROS.between(Instant.EPOCH, since))
                .setRunningForMicros(Math.max(0, ChronoUnit.MICROS.between(since, Instant.now())))
                .addAllWarnings(warnings)
                .build());
        try {
            // What arrived ahead is in the container now.
            journal.deleteFiles(Side.TARGET, id());
        } catch (IOException e) {
            LOG.warn("cannot delete what has arrived of migration {}: {}", id(), e.getMessage());
        }
    }

    private void failed(RuntimeException reason) {
        String sentence = String.valueOf(reason.getMessage());
        try {
            Optional<ContainerId> granted = engine.taken(id().hex());
            if (granted.isPresent()) {
                // It had the right to run before this went wrong: it is restored once more.
                TargetRecovery.letRun(engine, granted.get());
                ran(granted.get(), Instant.now(), List.of(sentence));
                return;
            }
            cancelled(sentence);
        } catch (RuntimeException | IOException e) {
            LOG.warn("migration {} cannot be brought to its end: {}", id(), e.getMessage());
            e.addSuppressed(reason);
            outcome.completeExceptionally(e);
        } finally {
            ready.completeExceptionally(reason);
            held.completeExceptionally(reason);
        }
    }

    private void cancelled(String reason) throws IOException {
        synchronized (this) {
            if (refusal.isEmpty()) {
                refusal = reason;
            }
        }
        verdict.complete(false);
        streams.fail(new IOException(reason));
        journal.deleteFiles(Side.TARGET, id());
        noteCancelled();
        outcome.complete(Outcome.newBuilder()
                .setWord(Outcome.Word.NEVER_RAN)
                .setReason(reason)
                .build());
    }

    /** A journal that cannot be written, such as on a full disk, says that it was not granted, which means the same. */
    private void noteCancelled() {
        try {
            become(MigrationState.CANCELLED, why());
        } catch (IOException e) {
            LOG.warn("cannot note that migration {} is over: {}", id(), e.getMessage());
        }
    }

    /**
     * Grants the container the right to run, if it is held and nobody has refused it.
     *
     * @return what became of it
     * @throws IOException if that cannot be told yet
     */
    Outcome commit() throws IOException, InterruptedException {
        if (!held.isDone()) {
            throw new IOException("there is no container that is held");
        }
        FaultPoint.at("target-commit");
        synchronized (this) {
            verdict.complete(true);
        }
        return Reply.of(outcome);
    }

    /**
     * Undoes everything, unless the container was granted the right to run.
     *
     * @return what became of it
     */
    Outcome abort(String reason) throws IOException, InterruptedException {
        Thread thread;
        synchronized (this) {
            if (refusal.isEmpty() && !verdict.isDone()) {
                refusal = reason;
                verdict.complete(false);
            }
            thread = restoring;
        }
        if (thread == null && !outcome.isDone()) {
            cancelled(reason);
        } else if (!why().isEmpty()) {
            streams.fail(new IOException(reason));
            archive.completeExceptionally(new IOException(reason));
        }
        return Reply.of(outcome);
    }

    /** The source is no more: nothing is left to do. */
    void confirm() throws IOException, InterruptedException {
        if (Reply.of(outcome).getWord() != Outcome.Word.RUNS) {
            throw new IOException("the container does not run here: " + why());
        }
        FaultPoint.at("target-confirm");
        become(MigrationState.DONE, "");
        journal.deleteFiles(Side.TARGET, id());
        engine.forgetTaken(id().hex());
        streams.close();
    }

    /** Calls when it has come to an end that is known, at most once. */
    void onEnd(Consumer<Outcome> told) {
        var unused = outcome.thenAccept(told);
    }

    /** Whether it has come to an end, good or bad. */
    boolean isOver() {
        return outcome.isDone();
    }
}
