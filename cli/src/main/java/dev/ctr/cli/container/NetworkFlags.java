package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
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
            description = "none, host, bridge, a network's name, container:NAME or ns:PATH (default: bridge)")
    private List<String> networks = new ArrayList<>();

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[[IP:][HOST-PORT]:]PORT[/PROTOCOL]",
            description = "Publish a port, or a range of them, on the host")
    private List<String> ports = new ArrayList<>();

    @Option(names = "--ip", paramLabel = "ADDRESS", description = "The container's address")
    private @Nullable String ip;

    @Option(names = "--mac-address", paramLabel = "MAC", description = "The container's MAC address")
    private @Nullable String macAddress;

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "NAME",
            description = "The container's host name")
    private @Nullable String hostname;

    @Option(names = "--dns", paramLabel = "ADDRESS", split = ",", description = "A name server to ask")
    private List<String> dnsServers = new ArrayList<>();

    @Option(names = "--dns-search", paramLabel = "DOMAIN", split = ",", description = "A domain to search names in")
    private List<String> dnsSearches = new ArrayList<>();

    @Option(
            names = {"--dns-option", "--dns-opt"},
            paramLabel = "OPTION",
            split = ",",
            description = "An option for resolv.conf")
    private List<String> dnsOptions = new ArrayList<>();

    @Option(names = "--add-host", paramLabel = "NAME:ADDRESS", split = ",", description = "A line for /etc/hosts")
    private List<String> addedHosts = new ArrayList<>();

    /** Asks for it. */
    public void addTo(CreateOptions options) {
        if (networks.size() > 1) {
            throw new Failure("cannot join the networks " + String.join(" and ", networks)
                    + ": a container joins one network, give --network once");
        }
        networks.forEach(options::network);
        Ports.parse(ports).forEach(options::publish);
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
}
