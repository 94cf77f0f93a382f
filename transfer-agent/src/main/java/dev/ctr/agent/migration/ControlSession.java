package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.proto.migration.Begin;
import dev.ctr.proto.migration.Begun;
import dev.ctr.proto.migration.ControlReply;
import dev.ctr.proto.migration.ControlRequest;
import dev.ctr.proto.migration.Ended;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.Refusal;
import dev.ctr.proto.migration.Staged;
import dev.ctr.proto.migration.Stored;
import io.grpc.Status;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of one migration to this host, over however many calls the source needs for them: a step that comes again gets the reply
 * that it had. When no call is left for some time, what is not granted is undone.
 */
final class ControlSession {
    private static final int MOST_STEPS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(ControlSession.class);

    private final MigrationService service;
    private final TargetMigration migration;
    private final Closeable ownership;

    @GuardedBy("this")
    private final Map<Integer, CompletableFuture<ControlReply>> steps = new HashMap<>();

    @GuardedBy("this")
    private int calls;

    /** Counts attachments, so that a timer knows whether it is still meant. */
    @GuardedBy("this")
    private long attachments;

    /** @param ownership what keeps others from the migration, closed with the session */
    ControlSession(MigrationService service, TargetMigration migration, Closeable ownership) {
        this.service = service;
        this.migration = migration;
        this.ownership = ownership;
    }

    void close() throws IOException {
        migration.streams().close();
        ownership.close();
    }

    TargetMigration migration() {
        return migration;
    }

    synchronized void attach() {
        calls++;
        attachments++;
    }

    synchronized void detach() {
        calls--;
        if (calls > 0) {
            return;
        }
        if (migration.isOver()) {
            service.forget(this);
            return;
        }
        long present = attachments;
        CompletableFuture.delayedExecutor(MigrationService.GRACE.toMillis(), TimeUnit.MILLISECONDS, service.threads())
                .execute(() -> giveUpUnlessAttached(present));
    }

    private void giveUpUnlessAttached(long then) {
        synchronized (this) {
            if (calls > 0 || attachments != then) {
                return;
            }
        }
        try {
            migration.abort("the source was not heard of for " + MigrationService.GRACE.toSeconds() + " s");
        } catch (IOException e) {
            LOG.warn("migration {} cannot be given up: {}", migration.id(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        service.forget(this);
    }

    void requireEpoch(long epoch) {
        if (epoch < migration.entry().epoch()) {
            throw Status.FAILED_PRECONDITION
                    .withDescription("epoch " + epoch + " of migration " + migration.id() + " is over: it is in "
                            + migration.entry().epoch())
                    .asRuntimeException();
        }
    }

    void enterEpoch(long epoch) throws IOException {
        requireEpoch(epoch);
        migration.enterEpoch(epoch);
    }

    /** Does a step, unless it was done before. */
    synchronized CompletableFuture<ControlReply> handle(ControlRequest request) {
        CompletableFuture<ControlReply> known = steps.get(request.getStep());
        if (known != null) {
            return known;
        }
        if (steps.size() >= MOST_STEPS) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("a migration has no more than " + MOST_STEPS + " steps")
                    .asRuntimeException();
        }
        CompletableFuture<ControlReply> reply = CompletableFuture.supplyAsync(() -> reply(request), service.threads());
        steps.put(request.getStep(), reply);
        return reply;
    }

    private ControlReply reply(ControlRequest request) {
        ControlReply.Builder reply = ControlReply.newBuilder().setStep(request.getStep());
        long begin = System.nanoTime();
        try {
            ControlReply done = fill(reply, request).build();
            service.metrics().took(request.getRequestCase(), Duration.ofNanos(System.nanoTime() - begin));
            return done;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return reply.setRefusal(refusal("this host was interrupted")).build();
        } catch (IOException | EngineException e) {
            return reply.setRefusal(refusal(String.valueOf(e.getMessage()))).build();
        } catch (RuntimeException e) {
            LOG.error("step {} of migration {} broke off", request.getStep(), migration.id(), e);
            return reply.setRefusal(refusal("the target failed: " + e)).build();
        }
    }

    private static Refusal refusal(String reason) {
        return Refusal.newBuilder().setReason(reason).build();
    }

    private ControlReply.Builder fill(ControlReply.Builder reply, ControlRequest request)
            throws IOException, InterruptedException {
        switch (request.getRequestCase()) {
            case BEGIN -> reply.setBegun(begin(request.getBegin()));
            case IMAGE -> {
                migration.loadImage(request.getImage().getStream());
                reply.setStored(Stored.getDefaultInstance());
            }
            case LEVEL -> {
                migration.storeLevel(request.getLevel().getStream());
                reply.setStored(Stored.getDefaultInstance());
            }
            case REHEARSE -> {
                migration.rehearse(request.getRehearse().getStream());
                reply.setStored(Stored.getDefaultInstance());
            }
            case FILES -> {
                migration.storeFiles(request.getFiles().getStream());
                reply.setStored(Stored.getDefaultInstance());
            }
            case FINAL ->
                reply.setStaged(Staged.newBuilder()
                        .setContainer(migration
                                .stage(
                                        request.getFinal().getStream(),
                                        request.getFinal().getFilesStream())
                                .hex()));
            case COMMIT -> reply.setOutcome(migration.commit());
            case CONFIRM -> {
                migration.confirm();
                service.metrics().stoodStill(request.getConfirm().getDowntimeMicros());
                reply.setEnded(Ended.getDefaultInstance());
            }
            default -> throw new IOException("a request of a kind that is not known here");
        }
        return reply;
    }

    private Begun begin(Begin begin) throws IOException, InterruptedException {
        FaultPoint.at("target-begin");
        if (migration.isOver()) {
            throw new IOException("the migration is over: " + migration.why());
        }
        List<Finding> findings = service.preflight().findings(begin.getContainer(), begin.getWishes());
        boolean refused = findings.stream().anyMatch(finding -> finding.getVerdict() == Finding.Verdict.REFUSED);
        if (refused) {
            migration.abort("refused before it began");
        }
        return Begun.newBuilder()
                .addAllFindings(findings)
                .setImageWanted(service.preflight().wantsImage(begin.getContainer()))
                .addAllBlobsWanted(service.preflight().blobsWanted(begin.getContainer()))
                .build();
    }
}
