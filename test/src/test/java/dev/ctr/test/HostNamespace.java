package dev.ctr.test;

import dev.ctr.criu.linux.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A host for the containers of a root, as far as the network goes: a network namespace of its own with {@code lo} up, so that
 * bridges, packet filter rules and published ports are not the machine's. Closing it removes the root's containers and itself.
 */
final class HostNamespace implements AutoCloseable {
    private final CtrRoot root;
    private final Path file;

    private HostNamespace(CtrRoot root, Path file) {
        this.root = root;
        this.file = file;
    }

    static HostNamespace of(CtrRoot root) {
        Path file = root.directory().resolve("host.netns");
        try {
            NetworkNamespace.create(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        HostNamespace host = new HostNamespace(root, file);
        host.sh("ip link set lo up");
        return host;
    }

    /** Whether this machine can have such a host. */
    static boolean canRun() {
        return Commands.run("sh", "-c", "unshare -n sh -c 'iptables-save && ip link add name trial type bridge'")
                        .exitCode()
                == 0;
    }

    /** What keeps the namespace. */
    Path file() {
        return file;
    }

    /** Runs {@code ctr} on this host, however it ends. */
    CommandResult run(String... arguments) {
        return Commands.run(Map.of(), inside(root.command(arguments)));
    }

    /** Runs {@code ctr} on this host, which must succeed, and returns its output. */
    String ctr(String... arguments) {
        return run(arguments).succeeded();
    }

    /** Runs a shell command on this host, which must succeed, and returns its output. */
    String sh(String command) {
        return Commands.run(Map.of(), inside(List.of("sh", "-c", command))).succeeded();
    }

    /** The command line that does something on this host. */
    List<String> inside(List<String> command) {
        List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + file));
        words.addAll(command);
        return words;
    }

    @Override
    public void close() {
        run("rm", "-f", "-a", "-t", "0");
        String rules = sh("iptables-save");
        try {
            NetworkNamespace.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (rules.contains("CNI-DN-")) {
            throw new AssertionError("firewall rules are left behind:\n" + rules);
        }
    }
}
