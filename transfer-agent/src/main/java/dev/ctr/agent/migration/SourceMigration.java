package dev.ctr.agent.migration;

import dev.ctr.agent.transfer.ChunkSender;
import dev.ctr.agent.transfer.DataLinks;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.archive.Compression;
import dev.ctr.criu.DumpStatistics;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.CheckpointResult;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerState;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.ExportedLevels;
import dev.ctr.lifecycle.FilesAhead;
import dev.ctr.lifecycle.HandOver;
import dev.ctr.lifecycle.HandOverOptions;
import dev.ctr.lifecycle.HandOverResult;
import dev.ctr.lifecycle.Rehearsal;
import dev.ctr.lifecycle.image.Digest;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageDelivery;
import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.Begin;
import dev.ctr.proto.migration.Begun;
import dev.ctr.proto.migration.Commit;
import dev.ctr.proto.migration.Confirm;
import dev.ctr.proto.migration.ControlReply;
import dev.ctr.proto.migration.ControlRequest;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Final;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.LoadImage;
import dev.ctr.proto.migration.Rehearse;
import dev.ctr.proto.migration.StoreFiles;
import dev.ctr.proto.migration.StoreLevel;
import dev.ctr.proto.migration.Wishes;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One migration as its source carries it out:
 *
 * <ol>
 *   <li>BEGIN: the target looks whether it can take the container, and reserves its place in its journal;
 *   <li>the image, if the target lacks it, and the rounds of the strategy;
 *   <li>FINAL: the container is frozen, and its archive sent; the target restores it and holds it;
 *   <li>COMMIT: the source has noted that it has given the container away, and the target lets it run;
 *   <li>CONFIRM: the source's own is no more.
 * </ol>
 *
 * <p>Until COMMIT whatever fails leaves the container running here. Run by one thread; {@link #cancel} may come from any.
 */
final class SourceMigration implements AutoCloseable {
    /** How long a lost connection is waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    /** How long the target is asked what became of a container that was given away: until then nobody but it can say. */
    private static final Duration COMMIT_PATIENCE = Duration.ofSeconds(60);

    private static final long EPOCH = 1;
    private static final FilesAhead.Content NOTHING = new FilesAhead.Content(0, 0);
    private static final String LAST_FILES = "files-last";
    private static final Logger LOG = LoggerFactory.getLogger(SourceMigration.class);

    private final Engine engine;
    private final Container container;
    private final MigrateOptions options;
    private final Description description;
    private final Target target;
    private final SourceJournal journal;
    private final ControlClient control;
    private final DataLinks links;
    private final MigrationMeter meter;
    private final CommitGate gate = new CommitGate();

    SourceMigration(
            Engine engine,
            Container container,
            MigrateOptions options,
            Description description,
            Target target,
            SourceJournal journal) {
        this.engine = engine;
        this.container = container;
        this.options = options;
        this.description = description;
        this.target = target;
        this.journal = journal;
        Attempt attempt = Target.attempt(journal.id(), EPOCH);
        this.control = new ControlClient(target.control(), attempt, PATIENCE);
        this.links =
                DataLinks.over(target.data(options.streams), attempt, options.compression, options.bandwidth, PATIENCE);
        this.meter = new MigrationMeter(options.progress, links::bytesSent);
    }

    /** Gives it up, unless it was given away already. */
    boolean cancel() {
        if (!gate.cancel()) {
            return false;
        }
        IOException reason = new IOException(CommitGate.CANCELLED);
        links.fail(reason);
        control.fail(reason);
        return true;
    }

    /** Carries it out. */
    MigrationResult run(Strategy strategy) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        meter.start();
        Handing handing = new Handing();
        HandOverResult handed;
        List<Round> rounds;
        FilesAhead.Content ahead;
        try (FileRounds files =
                FileRounds.of(container, description, journal.files().resolve("files"))) {
            Begun begun = begin();
            links.start();
            FaultPoint.at("source-begun");
            if (begun.getImageWanted()) {
                sendImage(begun.getBlobsWantedList());
            }
            files.sendAhead(this::sendFiles);
            rounds = strategy.sendAhead(this);
            if (!rounds.isEmpty()) {
                files.send(this::sendFiles);
            }
            gate.check();
            ahead = files.files().map(FilesAhead::sent).orElse(NOTHING);
            handed = handOver(handing, !rounds.isEmpty(), files.files());
        } catch (IOException | InterruptedException | RuntimeException e) {
            Optional<EngineException> ended = ended(e);
            giveUp(ended.isPresent() ? ended.get() : e);
            if (ended.isPresent()) {
                throw ended.get();
            }
            throw e;
        }
        TargetWord word = handing.word();
        if (handed.outcome() == HandOver.Outcome.NEVER_RAN) {
            String reason = "the target could not let it run: " + word.reason();
            AddedLevels.remove(container, journal.files());
            journal.become(MigrationState.CANCELLED, reason);
            throw new IOException(reason);
        }
        LOG.info(
                "frozen: {} ms dump, {} ms send, {} ms until it is held there, {} ms commit",
                handed.dumping().toMillis(),
                handed.archiving().toMillis(),
                handed.holding().toMillis(),
                handed.committing().toMillis());
        Duration frozen = handed.frozen();
        Duration downtime = frozen.compareTo(word.running()) > 0 ? frozen.minus(word.running()) : Duration.ZERO;
        confirm(word, downtime);
        return new MigrationResult(
                journal.id(),
                word.container(),
                strategy.word(),
                Round.withDirty(rounds, handed.sent().memory()),
                links.bytesSent(),
                handed.sent().memory()
                        + rounds.stream().mapToLong(Round::bytesOfPages).sum(),
                handed.sent().rootfs() + ahead.rootfs(),
                handed.sent().volumes() + ahead.volumes(),
                frozen,
                downtime,
                Duration.ofNanos(System.nanoTime() - begin),
                Stream.concat(handed.warnings().stream(), word.warnings().stream())
                        .toList());
    }

    /** What is to be said in place of a failure, if the program has ended meanwhile; empty if it has not. */
    private Optional<EngineException> ended(Exception failure) {
        try {
            ContainerState state = container.state();
            boolean over = state.status() == ContainerStatus.STOPPED || state.status() == ContainerStatus.EXITED;
            return over && !state.checkpointed()
                    ? Optional.of(new EngineException(
                            EngineException.Code.STATE_IMPROPER,
                            "cannot migrate " + description.getName()
                                    + ": its program has ended meanwhile, with exit code " + state.exitCode()
                                    + ": ctr start " + description.getName() + " runs it again",
                            failure))
                    : Optional.empty();
        } catch (EngineException e) {
            failure.addSuppressed(e);
            return Optional.empty();
        }
    }

    private Begun begin() throws IOException, InterruptedException {
        meter.report("begin", 0, 0);
        ControlReply reply = control.call(ControlRequest.newBuilder()
                .setBegin(Begin.newBuilder().setContainer(description).setWishes(wishes(options))));
        List<String> refusals = reply.getBegun().getFindingsList().stream()
                .filter(finding -> finding.getVerdict() == Finding.Verdict.REFUSED)
                .map(Finding::getReason)
                .toList();
        if (!refusals.isEmpty()) {
            throw new IOException(String.join("; ", refusals));
        }
        return reply.getBegun();
    }

    static Wishes wishes(MigrateOptions options) {
        return Wishes.newBuilder()
                .setName(options.name)
                .setTcpEstablished(options.tcpEstablished)
                .setTcpClose(options.tcpClose)
                .setFileLocks(options.fileLocks)
                .addAllPublish(options.publish)
                .build();
    }

    private void sendImage(List<String> wanted) throws IOException, InterruptedException {
        meter.report("image", 0, 0);
        Image image = engine.images()
                .find(description.getImageId())
                .orElseThrow(() -> new IOException("the container's image " + description.getImageName()
                        + " is not in this host's store, and the target lacks it too"));
        Set<Digest> blobs = wanted.stream().map(Digest::new).collect(Collectors.toSet());
        send(
                "image",
                ControlRequest.newBuilder().setImage(LoadImage.newBuilder().setStream("image")),
                out -> new ImageDelivery(engine.images()).write(image, blobs, out));
    }

    /** Sends what has changed of the memory since the level before, or all of it. */
    Round sendLevel(int number) throws IOException, InterruptedException {
        gate.check();
        if (number == 1) {
            AddedLevels.begin(container, journal.files());
        }
        long begin = System.nanoTime();
        long before = links.bytesSent();
        String stream = "level-" + number;
        meter.beginRound(number);
        CheckpointResult[] result = new CheckpointResult[1];
        send(
                stream,
                ControlRequest.newBuilder().setLevel(StoreLevel.newBuilder().setStream(stream)),
                out -> result[0] = container.checkpoint(new CheckpointOptions()
                        .preCheckpoint(true)
                        .exportedLevels(number == 1 ? ExportedLevels.ALL : ExportedLevels.ONE)
                        .compression(Compression.NONE)
                        .exportTo(out)));
        long pages = result[0].statistics().map(DumpStatistics::pagesWritten).orElse(0L);
        FaultPoint.at("source-round");
        Round round = new Round(
                links.bytesSent() - before,
                pages,
                0,
                Duration.ofNanos(System.nanoTime() - begin).toMillis());
        meter.endRound(round);
        return round;
    }

    /** Sends what has changed of the files since the round before, or all of them. */
    private long sendFiles(String stream, FilesAhead files) throws IOException, InterruptedException {
        gate.check();
        meter.report("files", 0, 0);
        long before = files.sent().bytes();
        send(
                stream,
                ControlRequest.newBuilder().setFiles(StoreFiles.newBuilder().setStream(stream)),
                files::send);
        FaultPoint.at("source-files");
        return files.sent().bytes() - before;
    }

    /** What writes a stream. */
    private interface Content {
        void writeTo(OutputStream out) throws IOException, InterruptedException;
    }

    /** Sends a stream that the target stores, and waits until it has. */
    private void send(String stream, ControlRequest.Builder request, Content content)
            throws IOException, InterruptedException {
        CompletableFuture<ControlReply> stored = control.start(request);
        var unused = stored.whenComplete(this::failLinks);
        try (OutputStream out = links.stream(stream)) {
            content.writeTo(out);
        }
        Reply.of(stored);
    }

    private void failLinks(@Nullable ControlReply reply, @Nullable Throwable failure) {
        if (failure != null) {
            links.fail(new IOException(String.valueOf(failure.getMessage()), failure));
        }
    }

    private HandOverResult handOver(Handing handing, boolean withPrevious, Optional<FilesAhead> files) {
        meter.report("freeze", 0, 0);
        CheckpointOptions checkpoint = new CheckpointOptions()
                .tcpEstablished(options.tcpEstablished)
                .tcpClose(options.tcpClose)
                .fileLocks(options.fileLocks)
                .withPrevious(withPrevious)
                .compression(Compression.NONE)
                .progress(meter);
        files.ifPresent(checkpoint::filesAhead);
        handing.filesAhead = files.isPresent();
        return container.handOver(new HandOverOptions(journal.id().hex(), checkpoint, !options.keep), handing);
    }

    /** The other side, as the engine asks for it while the container is frozen. */
    private final class Handing implements HandOver {
        private @Nullable CompletableFuture<ControlReply> staged;
        private Optional<TargetWord> told = Optional.empty();
        private boolean filesAhead;

        TargetWord word() {
            return told.orElseThrow();
        }

        @Override
        public void rehearse(Rehearsal rehearsal) throws IOException, InterruptedException {
            send(
                    "rehearsal",
                    ControlRequest.newBuilder()
                            .setRehearse(Rehearse.newBuilder().setStream("rehearsal")),
                    rehearsal::writeTo);
            FaultPoint.at("source-rehearsed");
        }

        @Override
        public OutputStream archive() {
            FaultPoint.at("source-freeze");
            staged = control.start(ControlRequest.newBuilder()
                    .setFinal(Final.newBuilder().setStream("final").setFilesStream(filesAhead ? LAST_FILES : "")));
            var unused = staged.whenComplete(SourceMigration.this::failLinks);
            ChunkSender stream = links.stream("final");
            return stream;
        }

        @Override
        public OutputStream files() {
            return links.stream(LAST_FILES);
        }

        @Override
        public void awaitHeld() throws IOException, InterruptedException {
            FaultPoint.at("source-final");
            meter.report("restore", 0, 0);
            CompletableFuture<ControlReply> reply = staged;
            if (reply == null) {
                throw new IllegalStateException("nothing was sent");
            }
            Reply.of(reply);
            FaultPoint.at("source-staged");
            if (journal.isCancelRequested()) {
                cancel();
            }
            gate.close();
            journal.become(MigrationState.GIVEN_AWAY, "");
        }

        @Override
        public Outcome commit() throws IOException, InterruptedException {
            meter.report("commit", 0, 0);
            FaultPoint.at("source-given-away");
            TargetWord word = askToRun();
            told = Optional.of(word);
            FaultPoint.at("source-told");
            return word.outcome();
        }

        private TargetWord askToRun() throws IOException, InterruptedException {
            try {
                return TargetWord.of(control.call(ControlRequest.newBuilder().setCommit(Commit.getDefaultInstance()))
                        .getOutcome());
            } catch (IOException e) {
                LOG.warn("no word of the target: {}", e.getMessage());
                meter.report("asking", 0, 0);
                return new Settlement(target, journal).ask(COMMIT_PATIENCE);
            }
        }
    }

    /** Tells the target, as far as it can be told, and the journal. In doubt nothing is told: nobody knows what is true. */
    private void giveUp(Exception reason) {
        String sentence = String.valueOf(reason.getMessage());
        if (journal.state() == MigrationState.GIVEN_AWAY
                && container.handOverToken().isPresent()) {
            return;
        }
        try {
            new Settlement(target, journal).cancel(sentence);
        } catch (RuntimeException e) {
            LOG.debug("the target was not told: {}", e.getMessage());
        }
        try {
            AddedLevels.remove(container, journal.files());
            journal.become(MigrationState.CANCELLED, sentence);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private void confirm(TargetWord word, Duration downtime) throws IOException {
        journal.ran(word.container());
        FaultPoint.at("source-confirm");
        try {
            control.call(ControlRequest.newBuilder()
                    .setConfirm(
                            Confirm.newBuilder().setDowntimeMicros(TimeUnit.NANOSECONDS.toMicros(downtime.toNanos()))));
        } catch (IOException e) {
            LOG.debug("the target was not told that it is over: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    MigrationId id() {
        return journal.id();
    }

    @Override
    public void close() {
        meter.close();
        links.close();
        control.close();
    }
}
