package dev.ctr.lifecycle.network;

import dev.ctr.criu.GateScript;
import dev.ctr.lifecycle.network.AttachmentRecord.AttachedNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The host's ends of a container's interfaces, and the commands that cut them off and let them in again while the container moves
 * from one host to another. Commands, because the action scripts of CRIU have to do it also when this process is gone.
 *
 * <p>A port that is cut off stays on its bridge, with all its settings, in the state {@code disabled}, in which it neither sends
 * nor receives (bridge(8), {@code state}). It takes a millisecond and no packet filter.
 */
public final class BridgePorts {
    private final Path namespace;
    private final List<Port> ports;

    /**
     * One end.
     *
     * @param name the interface on the host
     * @param inside the interface in the container
     * @param macAddress of the interface in the container
     * @param joins the bridge to join; empty if it is on the right one
     * @param parked the bridge to leave for that, which is then nobody's
     * @param hairpin whether the bridge may send a packet back to where it came from
     */
    private record Port(String name, String inside, String macAddress, String joins, String parked, boolean hairpin) {}

    private BridgePorts(Path namespace, List<Port> ports) {
        this.namespace = namespace;
        this.ports = List.copyOf(ports);
    }

    /** Those of a container by the record in its state directory; none if it has none. */
    static BridgePorts of(Path stateDirectory) throws IOException {
        List<Port> ports = new ArrayList<>();
        Optional<AttachmentRecord> record = AttachmentRecord.read(stateDirectory);
        for (AttachedNetwork network : record.map(AttachmentRecord::networks).orElse(List.of())) {
            port(network).ifPresent(ports::add);
        }
        return new BridgePorts(record.map(AttachmentRecord::namespace).orElse(stateDirectory), ports);
    }

    private static Optional<Port> port(AttachedNetwork network) {
        String bridge = Parking.bridge(network);
        String name = "";
        String mac = "";
        for (var found : network.result().path("interfaces")) {
            if (found.path("sandbox").asText().isEmpty()) {
                name = found.path("name").asText().equals(bridge)
                        ? name
                        : found.path("name").asText();
            } else {
                mac = found.path("mac").asText();
            }
        }
        if (bridge.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        boolean hairpin = network.plugins().get(0).path("hairpinMode").asBoolean();
        return Optional.of(new Port(name, network.interfaceName(), mac, Parking.joins(network), bridge, hairpin));
    }

    /** Cut off: nobody on the network is answered, and what arrives is lost. */
    public String cutOffCommands() {
        return each(port -> "bridge link set dev " + quoted(port.name) + " state 0 || exit 1");
    }

    /** Let in again, where they were cut off. */
    public String letInCommands() {
        return each(port -> "bridge link set dev " + quoted(port.name) + " state 3");
    }

    /**
     * Joined to the bridges that they are meant for, and made known there: the kernel sends a gratuitous ARP and an unsolicited
     * neighbour advertisement for every address when the hardware address is set, be it to the same (kernel documentation,
     * ip-sysctl, {@code arp_notify} and {@code ndisc_notify}). May be done again.
     */
    public String joinCommands() {
        return commands(ports.stream().filter(port -> !port.joins.isEmpty()), this::join);
    }

    private String join(Port port) {
        String announce =
                "echo 1 >/proc/sys/net/ipv4/conf/" + port.inside + "/arp_notify; echo 1 >/proc/sys/net/ipv6/conf/"
                        + port.inside + "/ndisc_notify; ip link set dev " + port.inside + " address " + port.macAddress;
        return "ip link set dev " + quoted(port.name) + " master " + quoted(port.joins)
                + "\nnsenter " + quoted("--net=" + namespace) + " sh -c " + quoted(announce) + " 2>/dev/null"
                + (port.hairpin ? "\nbridge link set dev " + quoted(port.name) + " hairpin on" : "")
                + "\nip link delete dev " + quoted(port.parked) + " 2>/dev/null";
    }

    private String each(Function<Port, String> command) {
        return commands(ports.stream(), command);
    }

    private static String commands(Stream<Port> ports, Function<Port, String> command) {
        String commands = ports.map(command).collect(Collectors.joining("\n"));
        return commands.isEmpty() ? ":" : commands;
    }

    private static String quoted(String word) {
        return GateScript.quoted(word);
    }

    /** Runs such commands now, on the network of the calling thread. */
    public static void run(String commands) throws IOException, InterruptedException {
        if (!commands.equals(":")) {
            new ProcessBuilder("sh", "-c", commands)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }
}
