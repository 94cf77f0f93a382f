package dev.ctr.lifecycle.network;

import static java.util.Objects.requireNonNull;

import dev.ctr.criu.linux.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A host of its own: a network namespace with {@code lo} up, a root, and container namespaces. Closing it removes all. */
final class TestHost implements AutoCloseable {
    private final Path directory;
    private final Path namespace;
    private final long inode;
    private final List<Path> namespaces = new ArrayList<>();

    private TestHost(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        this.namespace = newNamespace("host");
        this.inode = NetworkNamespace.inode(namespace);
        // The kernel gives a new namespace the inode of one that is gone, whose ledger may be there still.
        removeLedgers();
        sh("ip link set lo up");
    }

    static TestHost create() throws IOException, InterruptedException {
        return new TestHost(Files.createTempDirectory("ctr-network-test"));
    }

    Path newNamespace(String name) throws IOException, InterruptedException {
        Path file = directory.resolve(name + ".netns");
        NetworkNamespace.create(file);
        namespaces.add(file);
        return file;
    }

    Path root(String name) {
        return directory.resolve(name);
    }

    Path directory() {
        return directory;
    }

    Path namespace() {
        return namespace;
    }

    Path ledger() throws IOException {
        try (Stream<Path> ledgers = Files.list(Path.of("/run/ctr-ipam"))) {
            return ledgers.filter(ledger -> ledger.toString().endsWith("-" + inode))
                    .findFirst()
                    .orElseThrow();
        }
    }

    NetworkAttachment attachment(String root, String id, NetworkOptions options, PortMapping... ports)
            throws IOException, InterruptedException {
        return new NetworkAttachment(
                id,
                "name-of-" + id,
                newNamespace(root + "-" + id),
                stateDirectory(root, id),
                Map.of(Networks.DEFAULT_NETWORK, options),
                List.of(ports));
    }

    Path stateDirectory(String root, String id) {
        return root(root).resolve("run").resolve(id);
    }

    static NetworkOptions anyAddress() {
        return new NetworkOptions("eth0", List.of(), "", List.of());
    }

    static NetworkOptions address(String ip, String mac) {
        return new NetworkOptions("eth0", ip.isEmpty() ? List.of() : List.of(ip), mac, List.of());
    }

    /** Does something as a program on this host would. */
    <T> T call(Callable<T> action) throws IOException, InterruptedException {
        return NetworkNamespace.call(namespace, action);
    }

    /** Attaches a container to the default network. */
    NetworkStatus attach(String root, NetworkAttachment attachment) throws IOException, InterruptedException {
        Map<String, NetworkStatus> statuses = call(() -> new Networks(root(root)).attach(attachment));
        return requireNonNull(statuses.get(Networks.DEFAULT_NETWORK));
    }

    void detach(NetworkAttachment attachment) throws IOException, InterruptedException {
        call(() -> {
            new Networks(root("any")).detach(attachment.stateDirectory());
            return true;
        });
    }

    /** The output of a shell command on this host. */
    String sh(String command) throws IOException, InterruptedException {
        return sh(namespace, command);
    }

    static String sh(Path namespace, String command) throws IOException, InterruptedException {
        return NetworkNamespace.call(namespace, () -> {
            Process process = new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + output);
            }
            return output;
        });
    }

    /** Packet filter rules and chains, without counters and comments. */
    List<String> rules() throws IOException, InterruptedException {
        return sh("iptables-save")
                .lines()
                .filter(line -> line.startsWith("-A") || line.startsWith(":CNI"))
                .map(line -> line.replaceAll("\\[\\d+:\\d+\\]", "").strip())
                .toList();
    }

    /** Those that are there for one container, and not for all of a network. */
    List<String> containerRules() throws IOException, InterruptedException {
        return rules().stream()
                .filter(rule -> rule.contains("10.88.0.") || rule.contains("CNI-DN-"))
                .filter(rule -> !rule.contains("ctr network"))
                .toList();
    }

    /** Makes a network's last plugin one that fails at ADD, after the others have done their work, and not at DEL. */
    static void breakLastPlugin(Path definition) throws IOException {
        Files.writeString(
                definition,
                Files.readString(definition)
                        .replace("\"firewall\"", "\"tuning\"")
                        .replaceAll("\"backend\"\\s*:\\s*\"\"", "\"sysctl\":{\"net.core.nosuch\":\"1\"}"));
    }

    /** Names of the links that stand on this host. */
    List<String> links() throws IOException, InterruptedException {
        return sh("ip -o link")
                .lines()
                .map(line -> line.replaceAll("^\\d+: ([^@:]+).*", "$1"))
                .toList();
    }

    /** Addresses that containers hold on the default network. */
    List<String> leases() throws IOException {
        Path network = ledger().resolve("addresses").resolve(Networks.DEFAULT_NETWORK);
        if (!Files.isDirectory(network)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(network)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("10."))
                    .sorted()
                    .toList();
        }
    }

    /** Answers every TCP connection to a port inside a namespace with one line, until closed. */
    static ServerSocket answer(Path namespace, int port, String line) throws IOException, InterruptedException {
        ServerSocket server = NetworkNamespace.call(namespace, () -> new ServerSocket(port));
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    client.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    /** What a server says to a client inside a namespace. */
    static String ask(Path namespace, String host, int port) throws IOException, InterruptedException {
        return NetworkNamespace.call(namespace, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), 3000);
                socket.setSoTimeout(3000);
                InputStream input = socket.getInputStream();
                return new String(input.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
    }

    /** Whether this process may make namespaces and the programs for container networks are installed. */
    static boolean canRun() {
        return isRunnable(() -> {
            try (TestHost host = create()) {
                host.sh("iptables-save && ls /usr/lib/cni/bridge /usr/lib/cni/portmap /usr/lib/cni/firewall");
                return true;
            } catch (IOException | InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        });
    }

    private static boolean isRunnable(Supplier<Boolean> probe) {
        try {
            return probe.get();
        } catch (RuntimeException | LinkageError e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        for (Path file : namespaces) {
            NetworkNamespace.delete(file);
        }
        removeTree(directory);
        removeLedgers();
    }

    private void removeLedgers() throws IOException {
        if (Files.isDirectory(Path.of("/run/ctr-ipam"))) {
            try (Stream<Path> ledgers = Files.list(Path.of("/run/ctr-ipam"))) {
                for (Path ledger : ledgers.filter(path -> path.toString().endsWith("-" + inode))
                        .toList()) {
                    removeTree(ledger);
                }
            }
        }
    }

    private static void removeTree(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
