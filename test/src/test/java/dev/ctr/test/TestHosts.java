package dev.ctr.test;

import dev.ctr.criu.linux.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Hosts on one network segment, and a client on the same: each a network namespace, all plugged into a switch. Each host has a root, a
 * run root and a cgroup parent of its own, and a network {@link TestHost#NETWORK} whose bridge has the host's plug on it, so that an
 * address can go from one host to another without anybody noticing but the switch. Closing removes all of it.
 */
final class TestHosts implements AutoCloseable {
    private static final int CLIENT_ADDRESS = 250;

    private final Path directory;
    private final Path segment;
    private final Path client;
    private final List<TestHost> hosts = new ArrayList<>();

    private TestHosts(Path directory) {
        this.directory = directory;
        this.segment = directory.resolve("switch");
        this.client = directory.resolve("client");
    }

    /** Makes some hosts, four at most. */
    static TestHosts of(int count) {
        try {
            TestHosts all = new TestHosts(Files.createTempDirectory("ctr-hosts-"));
            try {
                all.make(count);
                return all;
            } catch (IOException | RuntimeException e) {
                all.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this machine can have such hosts. */
    static boolean canRun() {
        return HostNamespace.canRun() && Commands.exists("bridge") && Commands.exists("nsenter");
    }

    private void make(int count) throws IOException {
        namespace(segment);
        inside(segment, "ip link add plugs type bridge && ip link set plugs up");
        namespace(client);
        plug(client, "client");
        inside(client, "ip addr add " + TestHost.SUBNET + CLIENT_ADDRESS + "/24 dev uplink");
        for (int i = 0; i < count; i++) {
            TestHost host = TestHost.create(i);
            hosts.add(host);
            plug(host.namespace(), "host" + i);
            host.joinSegment();
        }
    }

    private static void namespace(Path file) throws IOException {
        try {
            NetworkNamespace.create(file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        inside(file, "ip link set lo up");
    }

    /** Connects a namespace with the switch, by an interface {@code uplink}. */
    private void plug(Path namespace, String name) {
        inside(
                segment,
                "ip link add " + name + " type veth peer name uplink netns " + namespace + " && ip link set " + name
                        + " master plugs up");
        inside(namespace, "ip link set uplink up");
    }

    private static void inside(Path namespace, String command) {
        Commands.run("nsenter", "--net=" + namespace, "sh", "-c", command).succeeded();
    }

    TestHost host(int number) {
        return hosts.get(number);
    }

    /** Pulls a host's plug, or puts it in again. */
    void setLink(int number, boolean up) {
        inside(segment, "ip link set host" + number + (up ? " up" : " down"));
    }

    /** Does something as the client: sockets that it opens are the client's. */
    <T> T onClient(Callable<T> action) throws IOException, InterruptedException {
        return NetworkNamespace.call(client, action);
    }

    /** Runs a shell command as the client, which must succeed, and returns its output. */
    String onClient(String command) {
        return Commands.run("nsenter", "--net=" + client, "sh", "-c", command).succeeded();
    }

    @Override
    public void close() {
        List<Throwable> failures = new ArrayList<>();
        for (TestHost host : hosts) {
            try {
                host.close();
            } catch (RuntimeException | AssertionError e) {
                failures.add(e);
            }
        }
        try {
            NetworkNamespace.delete(client);
            NetworkNamespace.delete(segment);
        } catch (IOException e) {
            failures.add(e);
        }
        Leftovers.deleteTree(directory);
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError("the test's hosts could not be removed", failures.get(0));
            failures.stream().skip(1).forEach(error::addSuppressed);
            throw error;
        }
    }
}
