package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.value.NetworkFlag;
import dev.ctr.cli.value.Ports;
import dev.ctr.lifecycle.CreateOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a container that is to be created joins the network. */
public final class NetworkFlags {
    @Option(
            names = {"--network", "--net"},
            paramLabel = "NETWORK",
            description = "none, host, bridge, container:NAME, ns:PATH, or networks: NAME[,NAME...] or"
                    + " NAME:ip=IP,mac=MAC,alias=NAME,interface_name=NAME, also several times (default: bridge)")
    private List<String> networks = new ArrayList<>();

    @Option(
            names = "--network-alias",
            paramLabel = "NAME",
            split = ",",
            description = "A further name of the container on its networks")
    private List<String> aliases = new ArrayList<>();

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[[IP:][HOST-PORT]:]PORT[/PROTOCOL]",
            description = "Publish a port, or a range of them, on the host")
    private List<String> ports = new ArrayList<>();

    @Option(
            names = {"-P", "--publish-all"},
            description = "Publish every exposed port on a free port of the host")
    private boolean publishAll;

    @Option(
            names = "--expose",
            paramLabel = "PORT[-PORT][/PROTOCOL]",
            split = ",",
            description = "A port that --publish-all publishes, besides those of the image")
    private List<String> exposed = new ArrayList<>();

    @Option(names = "--no-hosts", description = "Leave /etc/hosts as the image has it")
    private boolean withoutHosts;

    @Option(names = "--ip", paramLabel = "ADDRESS", description = "The container's address")
    private @Nullable String ip;

    @Option(names = "--mac-address", paramLabel = "MAC", description = "The container's MAC address")
    private @Nullable String macAddress;

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "NAME",
            description = "The container's host name")
    private @Nullable String hostname;

    @Option(
            names = "--dns",
            paramLabel = "ADDRESS|none",
            split = ",",
            description = "A name server to ask; none leaves /etc/resolv.conf as the image has it")
    private List<String> dnsServers = new ArrayList<>();

    @Option(names = "--dns-search", paramLabel = "DOMAIN", split = ",", description = "A domain to search names in")
    private List<String> dnsSearches = new ArrayList<>();

    @Option(
            names = {"--dns-option", "--dns-opt"},
            paramLabel = "OPTION",
            split = ",",
            description = "An option for resolv.conf")
    private List<String> dnsOptions = new ArrayList<>();

    @Option(
            names = "--add-host",
            paramLabel = "NAME:ADDRESS",
            split = ",",
            description = "A line for /etc/hosts; the address host-gateway is the host's")
    private List<String> addedHosts = new ArrayList<>();

    /** Asks for it. */
    public void addTo(CreateOptions options, Invocation ctr) {
        NetworkFlag.addTo(options, networks);
        aliases.forEach(options::networkAlias);
        exposed.forEach(options::expose);
        boolean isIsolated = networks.stream().anyMatch(NetworkFlags::hasNoPorts);
        if (isIsolated && !ports.isEmpty()) {
            ctr.note(
                    "Port mappings have been discarded as one of the Host, Container, Pod, and None network modes are in"
                            + " use");
        } else {
            Ports.parse(ports).forEach(options::publish);
        }
        options.publishAllPorts(publishAll && !isIsolated).withoutHosts(withoutHosts);
        if (ip != null) {
            options.ip(ip);
        }
        if (macAddress != null) {
            options.macAddress(macAddress);
        }
        if (hostname != null) {
            options.hostname(hostname);
        }
        dnsServers.forEach(options::dnsServer);
        dnsSearches.forEach(options::dnsSearch);
        dnsOptions.forEach(options::dnsOption);
        addedHosts.forEach(options::addHost);
    }

    private static boolean hasNoPorts(String network) {
        return network.equals("host") || network.equals("none") || network.startsWith("container:");
    }
}
