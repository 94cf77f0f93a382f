package dev.ctr.test;

import dev.ctr.criu.linux.NetworkNamespace;
import dev.ctr.lifecycle.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * One of the {@link TestHosts}. Its own containers get addresses from a quarter of the subnet that is the host's alone, because no host
 * knows what another has given out; those that come from another host keep theirs.
 */
final class TestHost implements AutoCloseable {
    /** The network that all hosts share. */
    static final String NETWORK = "lan";

    /** The beginning of its addresses. */
    static final String SUBNET = "10.77.0.";

    private static final int MOST = 4;
    private static final int FIRST_RANGE = 32;
    private static final int RANGE = 48;

    private final int number;
    private final CtrRoot root;
    private final HostNamespace network;

    private TestHost(int number, CtrRoot root) {
        this.number = number;
        this.root = root;
        this.network = HostNamespace.of(root);
    }

    static TestHost create(int number) {
        return new TestHost(number, CtrRoot.create());
    }

    CtrRoot root() {
        return root;
    }

    /** What containers have left behind here, one line each. */
    List<String> leftovers() {
        return root.leftovers().stream()
                .filter(line -> !line.contains(network.file().toString()))
                .toList();
    }

    /** The file of its network namespace. */
    Path namespace() {
        return network.file();
    }

    /** Its address, which is that of its bridge and its containers' gateway. */
    String address() {
        return SUBNET + (number + 1);
    }

    private String macAddress() {
        return "02:00:00:00:00:%02x".formatted(number);
    }

    /** Makes the bridge with the uplink on it, and the network. The bridge's own MAC address does not follow its ports'. */
    void joinSegment() throws IOException {
        network.sh("ip link add lan0 address " + macAddress()
                + " type bridge && ip link set lan0 up && ip link set uplink master lan0 && ip addr add "
                + address() + "/24 dev lan0");
        Path networks = Files.createDirectories(root.root().resolve("networks"));
        Files.writeString(networks.resolve(NETWORK + ".conflist"), """
                {"cniVersion": "0.4.0", "name": "lan", "plugins": [
                  {"type": "bridge", "bridge": "lan0", "isGateway": true, "hairpinMode": true,
                   "ipam": {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}], "ranges": [[%s]]},
                   "capabilities": {"ips": true, "mac": true}},
                  {"type": "portmap", "capabilities": {"portMappings": true}},
                  {"type": "firewall", "backend": ""}
                ]}
                """.formatted(ranges()));
    }

    /** All addresses of the subnet that may come here, its own first, from which it gives. */
    private String ranges() {
        StringBuilder ranges = new StringBuilder();
        for (int i = 0; i < MOST; i++) {
            int first = FIRST_RANGE + (number + i) % MOST * RANGE;
            ranges.append(i == 0 ? "" : ", ")
                    .append("{\"subnet\": \"" + SUBNET + "0/24\", \"rangeStart\": \"" + SUBNET + first
                            + "\", \"rangeEnd\": \"" + SUBNET + (first + RANGE - 1) + "\", \"gateway\": \"" + address()
                            + "\"}");
        }
        return ranges.toString();
    }

    /** The engine on its root; use it within {@link #call}. */
    Engine engine() {
        return root.engine();
    }

    /** Does something on this host. */
    <T> T call(Callable<T> action) throws IOException, InterruptedException {
        return NetworkNamespace.call(network.file(), action);
    }

    /** Runs {@code ctr} on this host, however it ends. */
    CommandResult run(String... arguments) {
        return network.run(arguments);
    }

    /** Runs {@code ctr} on this host, which must succeed, and returns its output. */
    String ctr(String... arguments) {
        return network.ctr(arguments);
    }

    /** Runs a shell command on this host, which must succeed, and returns its output. */
    String sh(String command) {
        return network.sh(command);
    }

    /** The command line that does something on this host. */
    List<String> inside(List<String> command) {
        return network.inside(command);
    }

    @Override
    public void close() {
        try {
            network.close();
        } catch (UncheckedIOException e) {
            throw new AssertionError(e);
        } finally {
            root.close();
        }
    }
}
