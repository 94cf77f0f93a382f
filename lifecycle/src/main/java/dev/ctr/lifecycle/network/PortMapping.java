package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ctr.lifecycle.EngineException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A range of container ports published on the host, in libpod's JSON form.
 *
 * @param hostIp the host address to listen on; empty for all
 * @param containerPort the first port inside the container, 1 to 65535
 * @param hostPort the first port on the host, 1 to 65535; 0 asks for a free one
 * @param range how many ports, at least 1
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 */
public record PortMapping(
        @JsonProperty("host_ip") String hostIp,
        @JsonProperty("container_port") int containerPort,
        @JsonProperty("host_port") int hostPort,
        @JsonProperty("range") int range,
        @JsonProperty("protocol") String protocol) {
    private static final int LAST_PORT = 65535;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

    /**
     * Reads the argument of {@code -p}: {@code [[IP:][HOSTPORT]:]PORT[/PROTOCOL]}, where both ports may be ranges of one length
     * ({@code 8080-8090:80-90/udp}) and an IPv6 address stands in brackets. Without a host port, or with an empty one, the
     * mapping asks for a free one.
     *
     * @throws EngineException INVALID_ARGUMENT if it is of no such form
     */
    public static PortMapping parse(String text) {
        int slash = text.lastIndexOf('/');
        String protocol = slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(Locale.ROOT);
        if (!PROTOCOLS.contains(protocol)) {
            throw invalid(text, "\"" + protocol + "\" is not tcp, udp or sctp");
        }
        List<String> parts = split(text, slash < 0 ? text : text.substring(0, slash));
        Range container = range(text, parts.get(2));
        Range host = parts.get(1).isEmpty() ? new Range(0, container.length) : range(text, parts.get(1));
        if (host.length != container.length) {
            throw invalid(
                    text,
                    "its ranges differ: " + host.length + " host ports, " + container.length + " container ports");
        }
        return new PortMapping(parts.get(0), container.first, host.first, host.length, protocol);
    }

    /**
     * Checks mappings that are meant for one container, drops those said twice, and joins neighbours to ranges.
     *
     * @throws EngineException INVALID_ARGUMENT if a port does not exist, or one host port would lead to two container ports
     */
    public static List<PortMapping> merge(List<PortMapping> mappings) {
        List<PortMapping> merged = new ArrayList<>();
        for (PortMapping mapping : mappings) {
            mapping.requireValid();
            if (merged.contains(mapping) && mapping.hostPort != 0) {
                continue;
            }
            for (PortMapping other : merged) {
                if (mapping.collidesWith(other)) {
                    throw invalid(mapping.toString(), "it uses the same host port as " + other);
                }
            }
            merged.add(mapping);
        }
        return joined(merged);
    }

    /** Neighbouring ports as one range each, as libpod keeps them, at the place of the first. */
    private static List<PortMapping> joined(List<PortMapping> mappings) {
        List<PortMapping> joined = new ArrayList<>();
        for (PortMapping mapping : mappings) {
            PortMapping whole = mapping;
            int place = joined.size();
            int neighbour = whole.neighbourIn(joined);
            while (neighbour >= 0) {
                place = Math.min(place, neighbour);
                whole = whole.joinedWith(joined.remove(neighbour));
                neighbour = whole.neighbourIn(joined);
            }
            joined.add(place, whole);
        }
        return List.copyOf(joined);
    }

    private int neighbourIn(List<PortMapping> others) {
        for (int index = 0; index < others.size(); index++) {
            if (isFollowedBy(others.get(index)) || others.get(index).isFollowedBy(this)) {
                return index;
            }
        }
        return -1;
    }

    private PortMapping joinedWith(PortMapping neighbour) {
        return new PortMapping(
                hostIp,
                Math.min(containerPort, neighbour.containerPort),
                Math.min(hostPort, neighbour.hostPort),
                range + neighbour.range,
                protocol);
    }

    private boolean isFollowedBy(PortMapping next) {
        return hostPort > 0
                && hostIp.equals(next.hostIp)
                && protocol.equals(next.protocol)
                && hostPort + range == next.hostPort
                && containerPort + range == next.containerPort;
    }

    /** Its ports, each as a mapping of its own. */
    public List<PortMapping> single() {
        return IntStream.range(0, range)
                .mapToObj(offset -> new PortMapping(
                        hostIp, containerPort + offset, hostPort == 0 ? 0 : hostPort + offset, 1, protocol))
                .toList();
    }

    /** Whether both want a host port in common; two that take any free port do not. */
    boolean collidesWith(PortMapping other) {
        return hostPort != 0
                && other.hostPort != 0
                && protocol.equals(other.protocol)
                && hostPort < other.hostPort + other.range
                && other.hostPort < hostPort + range
                && sharesAddressWith(other);
    }

    PortMapping withHostPort(int port) {
        return new PortMapping(hostIp, containerPort, port, range, protocol);
    }

    /** Whether a container's port is among those published. */
    public boolean publishes(int port, String ofProtocol) {
        return protocol.equals(ofProtocol) && port >= containerPort && port < containerPort + range;
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        String ip = hostIp.isEmpty() ? "" : (hostIp.contains(":") ? "[" + hostIp + "]" : hostIp) + ":";
        String host = hostPort == 0 ? "" : text(hostPort);
        return (ip.isEmpty() && host.isEmpty() ? "" : ip + host + ":") + text(containerPort) + "/" + protocol;
    }

    private String text(int first) {
        return range == 1 ? String.valueOf(first) : first + "-" + (first + range - 1);
    }

    private boolean sharesAddressWith(PortMapping other) {
        Optional<InetAddress> mine = AddressLiteral.parse(hostIp);
        Optional<InetAddress> theirs = AddressLiteral.parse(other.hostIp);
        if (mine.isEmpty() || theirs.isEmpty()) {
            return true;
        }
        return AddressLiteral.isVersion4(mine.get()) == AddressLiteral.isVersion4(theirs.get())
                && (mine.get().isAnyLocalAddress() || theirs.get().isAnyLocalAddress() || mine.equals(theirs));
    }

    private void requireValid() {
        if (range < 1 || containerPort < 1 || containerPort + range - 1 > LAST_PORT) {
            throw invalid(toString(), "container ports go from 1 to 65535");
        }
        if (hostPort < 0 || hostPort + range - 1 > LAST_PORT) {
            throw invalid(toString(), "host ports go from 1 to 65535");
        }
        if (!PROTOCOLS.contains(protocol)) {
            throw invalid(toString(), "\"" + protocol + "\" is not tcp, udp or sctp");
        }
        if (!hostIp.isEmpty() && AddressLiteral.parse(hostIp).isEmpty()) {
            throw invalid(toString(), "\"" + hostIp + "\" is not an IP address");
        }
    }

    /** Host address, host port and container port, the first two possibly empty. */
    private static List<String> split(String text, String ports) {
        String ip = "";
        String rest = ports;
        if (ports.startsWith("[")) {
            int end = ports.indexOf("]:");
            if (end < 0) {
                throw invalid(text, "an address in brackets is followed by a colon and ports");
            }
            ip = ports.substring(1, end);
            rest = ports.substring(end + 2);
        }
        List<String> parts = new ArrayList<>(List.of(rest.split(":", -1)));
        boolean hasAddress = parts.size() == 3 && ip.isEmpty();
        if (hasAddress) {
            ip = parts.remove(0);
        }
        if (ip.isEmpty() ? hasAddress : AddressLiteral.parse(ip).isEmpty()) {
            throw invalid(text, "\"" + ip + "\" is not an IP address");
        }
        if (parts.size() > 2 || (parts.size() < 2 && !ip.isEmpty())) {
            throw invalid(text, "write [[IP:][HOSTPORT]:]PORT[/PROTOCOL], an IPv6 address in brackets");
        }
        return List.of(ip, parts.size() == 2 ? parts.get(0) : "", parts.get(parts.size() - 1));
    }

    private record Range(int first, int length) {}

    private static Range range(String text, String ports) {
        int dash = ports.indexOf('-');
        int first = port(text, dash < 0 ? ports : ports.substring(0, dash));
        int last = dash < 0 ? first : port(text, ports.substring(dash + 1));
        if (last < first) {
            throw invalid(text, "the range " + ports + " ends before it begins");
        }
        return new Range(first, last - first + 1);
    }

    private static int port(String text, String digits) {
        if (digits.matches("\\d{1,5}")) {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= LAST_PORT) {
                return port;
            }
        }
        throw invalid(text, "\"" + digits + "\" is not a port from 1 to 65535");
    }

    private static EngineException invalid(String text, String reason) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, "cannot publish \"" + text + "\": " + reason);
    }
}
