package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Ports of the host, as the kernel sees them: the one sure way to learn whether a port is free is to bind it. SCTP ports are not
 * probed.
 */
final class HostPorts {
    private static final int ATTEMPTS = 100;
    private static final int LAST_PORT = 65535;

    private HostPorts() {}

    /** @throws EngineException IN_USE if a program on the host has one of the mapping's ports */
    static void requireFree(PortMapping mapping) throws IOException {
        for (int port = mapping.hostPort(); port < mapping.hostPort() + mapping.range(); port++) {
            try {
                bind(mapping, port);
            } catch (BindException e) {
                throw cannotListen(mapping, port, String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
            }
        }
    }

    /**
     * Chooses a run of free ports.
     *
     * @throws EngineException IN_USE if none is found
     */
    static PortMapping chooseFree(PortMapping mapping, Predicate<PortMapping> isAcceptable) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int first = bind(mapping, 0);
            if (first + mapping.range() - 1 <= LAST_PORT) {
                PortMapping candidate = mapping.withHostPort(first);
                if (isAcceptable.test(candidate) && isFree(candidate)) {
                    return candidate;
                }
            }
        }
        throw new EngineException(
                EngineException.Code.IN_USE,
                "cannot publish " + mapping + ": no " + mapping.range()
                        + " free host ports in a row were found; name them, as in HOSTPORT:PORT");
    }

    /** The failure to publish a port that another container publishes: as if that container's program listened on the host. */
    static EngineException inUse(PortMapping mapping, int port) {
        return cannotListen(mapping, port, "address already in use");
    }

    private static boolean isFree(PortMapping mapping) throws IOException {
        try {
            requireFree(mapping);
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    private static EngineException cannotListen(PortMapping mapping, int port, String reason) {
        String version = mapping.hostIp().contains(":") ? "6" : "4";
        String address = mapping.hostIp().contains(":") ? "[" + mapping.hostIp() + "]" : mapping.hostIp();
        return new EngineException(
                EngineException.Code.IN_USE,
                "cannot listen on the " + mapping.protocol().toUpperCase(Locale.ROOT) + " port: listen "
                        + mapping.protocol() + version + " " + address + ":" + port + ": bind: " + reason);
    }

    /** Binds the port and lets go of it; returns it, or the one that the kernel chose for 0. */
    private static int bind(PortMapping mapping, int port) throws IOException {
        boolean isVersion6 = mapping.hostIp().contains(":");
        ProtocolFamily family = isVersion6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        InetSocketAddress address = new InetSocketAddress(
                InetAddress.getByName(mapping.hostIp().isEmpty() ? "0.0.0.0" : mapping.hostIp()), port);
        if (mapping.protocol().equals("udp")) {
            try (DatagramChannel channel = DatagramChannel.open(family)) {
                channel.bind(address);
                return ((InetSocketAddress) channel.getLocalAddress()).getPort();
            }
        }
        if (mapping.protocol().equals("sctp") && port != 0) {
            return port;
        }
        try (ServerSocketChannel channel = ServerSocketChannel.open(family)) {
            channel.bind(address);
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        }
    }
}
