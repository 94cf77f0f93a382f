package dev.ctr.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Agents of {@link TestHosts}, each a process of its own on its host, with certificates of one authority. Closing ends them. */
final class TestAgents implements AutoCloseable {
    private static final int PORT = 7443;
    private static final String METRICS = "127.0.0.1:9443";
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Path directory;
    private final Path pki;
    private final Map<TestHost, Process> agents = new HashMap<>();

    private TestAgents(Path directory) {
        this.directory = directory;
        this.pki = directory.resolve("pki");
    }

    /** Makes an authority, and a certificate for each host's address. */
    static TestAgents of(TestHost... hosts) {
        try {
            TestAgents agents = new TestAgents(Files.createTempDirectory("ctr-agents-"));
            hosts[0].ctr("agent", "pki", "init", agents.pki.toString());
            for (TestHost host : hosts) {
                hosts[0].ctr("agent", "pki", "issue", agents.pki.toString(), name(host), "--san", host.address());
            }
            return agents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(TestHost host) {
        return "host-" + host.address().replace('.', '-');
    }

    /** What tells {@code ctr} who a host is. */
    List<String> identity(TestHost host) {
        return List.of(
                "--cert",
                pki.resolve(name(host) + ".crt").toString(),
                "--key",
                pki.resolve(name(host) + ".key").toString(),
                "--ca",
                pki.resolve("ca.crt").toString());
    }

    /** Where a host's agent listens. */
    static String address(TestHost host) {
        return host.address() + ":" + PORT;
    }

    /** Starts a host's agent in place of the one that there is. */
    Process restart(TestHost host, String fault) throws InterruptedException {
        kill(host);
        return start(host, fault);
    }

    /** Starts a host's agent, unless there is one. */
    void ensure(TestHost host) {
        Process process = agents.get(host);
        if (process == null || !process.isAlive()) {
            start(host);
        }
    }

    /** Starts a host's agent, and returns when it listens. */
    Process start(TestHost host, String fault) {
        List<String> words =
                new ArrayList<>(List.of("agent", "serve", "--listen", address(host), "--metrics", METRICS));
        words.addAll(identity(host));
        try {
            Path output = directory.resolve(name(host) + ".out");
            Path errors = directory.resolve(name(host) + ".err");
            Files.deleteIfExists(output);
            Process process = Commands.start(
                    Map.of("CTR_FAULT", fault),
                    host.inside(host.root().command(words.toArray(String[]::new))),
                    output,
                    errors);
            agents.put(host, process);
            Awaitility.await().atMost(PATIENCE).until(() -> {
                if (!process.isAlive()) {
                    throw new AssertionError("the agent has ended: " + Files.readString(errors));
                }
                return Files.readString(output).contains("listening");
            });
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process start(TestHost host) {
        return start(host, "");
    }

    /** The figures that a host's agent shows. */
    static String metrics(TestHost host) {
        return host.sh("busybox wget -q -O - http://" + METRICS + "/metrics");
    }

    /** What a host's agent has logged. */
    String log(TestHost host) throws IOException {
        return Files.readString(directory.resolve(name(host) + ".err"));
    }

    /** Waits until a host's agent has ended by itself. */
    void awaitEnd(TestHost host) throws InterruptedException {
        Process process = agents.get(host);
        if (process == null || !process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the agent of " + host.address() + " has not ended");
        }
    }

    /** Ends a host's agent as by SIGKILL. */
    void kill(TestHost host) throws InterruptedException {
        Process process = agents.remove(host);
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (TestHost host : List.copyOf(agents.keySet())) {
            kill(host);
        }
        Leftovers.deleteTree(directory);
    }
}
