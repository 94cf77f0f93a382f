package dev.ctr.test;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.HandOver;
import dev.ctr.lifecycle.HandOverOptions;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.TakeOver;
import java.io.BufferedReader;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One side of a hand-over in a process of its own, to be killed. It says which step it has reached, a line each, and waits at one of
 * them until it is told to go on. The archive is a file.
 */
final class HandOverSide implements AutoCloseable {
    /** The steps of a hand-over. */
    enum Step {
        /** The archive is written and not yet closed. */
        ARCHIVE,
        /** The other side holds the container. */
        HELD,
        /** The container was given away, and the other side is not yet told. */
        COMMIT
    }

    private final Process process;
    private final BufferedReader output;

    private HandOverSide(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts handing a container over; the archive is left where it is asked for. */
    static HandOverSide source(TestHost host, String container, Path archive, Step waitAt) throws IOException {
        return start(host, "source", container, archive, waitAt);
    }

    /** Starts taking a container over, and waits when it is held. */
    static HandOverSide target(TestHost host, String token, Path archive) throws IOException {
        return start(host, "target", token, archive, Step.HELD);
    }

    private static HandOverSide start(TestHost host, String role, String name, Path archive, Step waitAt)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HandOverSide.class.getName(),
                host.root().directory().toString(),
                role,
                name,
                archive.toString(),
                waitAt.name()));
        return new HandOverSide(new ProcessBuilder(host.inside(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits until it says that it has reached a step. */
    void await(Step step) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals(step.name())) {
                return;
            }
        }
        throw new AssertionError("it ended before " + step);
    }

    /** Lets it go on from where it waits. */
    void goOn() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Kills it with SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process: arguments are the test root's directory, the role, the container's name or the token, the archive, and the step. */
    public static void main(String[] arguments) throws Exception {
        Engine engine = CtrRoot.at(Path.of(arguments[0])).engine();
        Path archive = Path.of(arguments[3]);
        Step waitAt = Step.valueOf(arguments[4]);
        if (arguments[1].equals("source")) {
            HandOverOptions options = new HandOverOptions("killed", new CheckpointOptions().tcpEstablished(true), true);
            engine.container(arguments[2]).handOver(options, new Source(archive, waitAt));
        } else {
            engine.takeOver(new RestoreOptions().tcpEstablished(true), new Target(arguments[2], archive, waitAt));
        }
    }

    private static void reached(Step step, Step waitAt) throws IOException {
        System.out.println(step);
        System.out.flush();
        if (step == waitAt && System.in.read() < 0) {
            throw new IOException("nobody is there to say how to go on");
        }
    }

    private record Source(Path file, Step waitAt) implements HandOver {
        @Override
        public OutputStream archive() throws IOException {
            return new FilterOutputStream(Files.newOutputStream(file)) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                }

                @Override
                public void close() throws IOException {
                    reached(Step.ARCHIVE, waitAt);
                    super.close();
                }
            };
        }

        @Override
        public void awaitHeld() throws IOException {
            reached(Step.HELD, waitAt);
        }

        @Override
        public Outcome commit() throws IOException {
            reached(Step.COMMIT, waitAt);
            return Outcome.RUNS;
        }
    }

    private record Target(String token, Path file, Step waitAt) implements TakeOver {
        @Override
        public InputStream archive() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        public void held(ContainerId id) throws IOException {
            reached(Step.HELD, waitAt);
        }
    }
}
