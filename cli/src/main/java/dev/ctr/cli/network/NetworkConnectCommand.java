package dev.ctr.cli.network;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.network.NetworkOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr network connect}: joins a container to one more network. */
@Command(
        name = "connect",
        description = "Join a container, running or not, to one more network",
        footer = {
            "",
            "Examples:",
            "  ctr network connect backend web",
            "  ctr network connect --alias db --ip 10.5.0.7 backend postgres"
        })
public final class NetworkConnectCommand extends Verb {
    @Option(
            names = "--alias",
            paramLabel = "NAME",
            split = ",",
            description = "A further name of the container on this network")
    private List<String> aliases = new ArrayList<>();

    @Option(names = "--ip", paramLabel = "ADDRESS", description = "Its IPv4 address on this network")
    private List<String> ips = new ArrayList<>();

    @Option(names = "--ip6", paramLabel = "ADDRESS", description = "Its IPv6 address on this network")
    private List<String> ips6 = new ArrayList<>();

    @Option(names = "--mac-address", paramLabel = "MAC", description = "Its MAC address on this network")
    private String macAddress = "";

    @Parameters(index = "0", paramLabel = "NETWORK", description = "A network's name or ID")
    private String network = "";

    @Parameters(index = "1", paramLabel = "CONTAINER", description = "A container's name or ID")
    private String container = "";

    public NetworkConnectCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        List<String> addresses = new ArrayList<>(ips);
        addresses.addAll(ips6);
        ctr.engine()
                .container(container)
                .networkConnect(network, new NetworkOptions("", addresses, macAddress, aliases));
        return ExitCode.OK;
    }
}
