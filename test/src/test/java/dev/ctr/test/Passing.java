package dev.ctr.test;

import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.HandOver;
import dev.ctr.lifecycle.Rehearsal;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestoreResult;
import dev.ctr.lifecycle.TakeOver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Hands a container to another host in the same process: rehearsal and archive go through pipes, everything else by word of mouth. */
final class Passing implements HandOver, AutoCloseable {
    private final TestHost target;
    private final RestoreOptions options;
    private final String token;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final CompletableFuture<InputStream> archive = new CompletableFuture<>();
    private final CompletableFuture<ContainerId> held = new CompletableFuture<>();
    private final CompletableFuture<Boolean> decision = new CompletableFuture<>();
    private final CompletableFuture<RestoreResult> taken = new CompletableFuture<>();
    private boolean failing;
    private @Nullable Accident accident;

    private Passing(TestHost target, RestoreOptions options, String token) {
        this.target = target;
        this.options = options;
        this.token = token;
    }

    static Passing to(TestHost target, RestoreOptions options, String token) {
        return new Passing(target, options, token);
    }

    /** Calls the hand-over off as soon as the target holds the container. */
    Passing failingWhenHeld() {
        failing = true;
        return this;
    }

    /** What befalls the target when it is about to give the container the right to run. */
    interface Accident {
        void happen() throws IOException;
    }

    /** Lets something happen on the target when it is about to give the container the right to run. */
    Passing with(Accident happening) {
        accident = happening;
        return this;
    }

    @Override
    public void rehearse(Rehearsal rehearsal) throws IOException, InterruptedException {
        Pipe pipe = Pipe.open();
        Taking taking = new Taking(Channels.newInputStream(pipe.source()));
        new Thread(() -> take(taking), "target").start();
        try (OutputStream out = Channels.newOutputStream(pipe.sink())) {
            rehearsal.writeTo(out);
        }
        get(ready);
    }

    private void take(Taking taking) {
        try {
            taken.complete(target.call(() -> target.engine().takeOver(options, taking)));
        } catch (IOException | RuntimeException | InterruptedException e) {
            ready.completeExceptionally(e);
            held.completeExceptionally(e);
            taken.completeExceptionally(e);
        }
    }

    @Override
    public OutputStream archive() throws IOException {
        Pipe pipe = Pipe.open();
        archive.complete(Channels.newInputStream(pipe.source()));
        return Channels.newOutputStream(pipe.sink());
    }

    @Override
    public void awaitHeld() throws IOException, InterruptedException {
        get(held);
        if (failing) {
            decision.complete(false);
            taken.handle((result, failure) -> failure).join();
            throw new IOException("called off");
        }
    }

    @Override
    public Outcome commit() throws IOException, InterruptedException {
        decision.complete(true);
        get(taken);
        return Outcome.RUNS;
    }

    /** The target's side. */
    private final class Taking implements TakeOver {
        private final InputStream announced;

        Taking(InputStream announced) {
            this.announced = announced;
        }

        @Override
        public String token() {
            return token;
        }

        @Override
        public Optional<InputStream> rehearsal() {
            return Optional.of(announced);
        }

        @Override
        public InputStream archive() throws IOException, InterruptedException {
            ready.complete(true);
            return get(archive);
        }

        @Override
        public void held(ContainerId id) throws IOException, InterruptedException {
            held.complete(id);
            if (!get(decision)) {
                throw new IOException("the source has called it off");
            }
            if (accident != null) {
                accident.happen();
            }
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    @Override
    public void close() {
        archive.completeExceptionally(new IOException("the source has called it off"));
        decision.complete(false);
    }
}
