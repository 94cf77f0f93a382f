package dev.ctr.test;

import static org.awaitility.Awaitility.await;

import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.runtime.Cgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One of the processes that have a part in a checkpoint or a restore, to be killed with SIGKILL. */
enum Victim {
    CRIU,
    RUNC,
    CONMON,
    /** The container's own. */
    PROGRAM;

    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Waits until there is such a process, and kills it. */
    void kill(TestHost host, ContainerId id) {
        await(name())
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    Optional<ProcessIdentity> found = find(host, id);
                    boolean killed = found.isPresent() && Processes.kill(found.get(), SIGKILL);
                    // A program that is frozen ends when it is not any more.
                    return killed && (this == PROGRAM || Processes.awaitEnd(found.get(), PATIENCE));
                });
    }

    /** Stops it, so that it cannot go on before it is killed, which it is as soon as the container has the right to run. */
    void killWhenGranted(TestHost host, ContainerId id, String token) {
        try {
            ProcessIdentity process = find(host, id).orElseThrow();
            Processes.kill(process, SIGSTOP);
            Runnable accident = () -> {
                await().until(() -> host.engine().taken(token).isPresent());
                await().until(() -> Processes.kill(process, SIGKILL));
            };
            new Thread(accident, "accident").start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process, if there is one at present. */
    Optional<ProcessIdentity> find(TestHost host, ContainerId id) throws IOException {
        return switch (this) {
            case RUNC -> runc(host, id);
            case CRIU -> criu(host, id);
            case CONMON -> conmon(host, id);
            case PROGRAM -> program(host);
        };
    }

    private static Optional<ProcessIdentity> runc(TestHost host, ContainerId id) throws IOException {
        Path bundle = host.root().root().resolve("containers/" + id + "/bundle");
        return Processes.withArgument(bundle.toString()).stream()
                .filter(process -> {
                    List<String> arguments = Processes.arguments(process.pid());
                    return !arguments.isEmpty()
                            && arguments.get(0).endsWith("runc")
                            && (arguments.contains("checkpoint") || arguments.contains("restore"));
                })
                .findFirst();
    }

    private static Optional<ProcessIdentity> criu(TestHost host, ContainerId id) throws IOException {
        Optional<ProcessIdentity> runc = runc(host, id);
        return runc.isEmpty()
                ? Optional.empty()
                : Processes.children(runc.get().pid()).stream()
                        .filter(child -> Processes.arguments(child.pid()).contains("swrk"))
                        .findFirst();
    }

    private static Optional<ProcessIdentity> conmon(TestHost host, ContainerId id) throws IOException {
        Path file = host.root().runRoot().resolve("containers/" + id + "/conmon.pid");
        return Files.exists(file)
                ? ProcessIdentity.of(Long.parseLong(Files.readString(file).strip()))
                : Optional.empty();
    }

    private static Optional<ProcessIdentity> program(TestHost host) throws IOException {
        return new Cgroup(host.root().cgroupParent())
                .processes().stream()
                        .filter(pid -> Processes.arguments(pid).stream()
                                .findFirst()
                                .filter(name -> name.startsWith("redis-server"))
                                .isPresent())
                        .findFirst()
                        .flatMap(ProcessIdentity::of);
    }
}
