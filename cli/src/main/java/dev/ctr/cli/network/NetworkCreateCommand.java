package dev.ctr.cli.network;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.value.KeyValue;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.NetworkCreateOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr network create}: defines a network. */
@Command(
        name = "create",
        description = "Define a network and print its name",
        footer = {
            "",
            "Containers on it find each other by name and alias, by their /etc/hosts.",
            "",
            "Examples:",
            "  ctr network create backend",
            "  ctr network create --subnet 10.5.0.0/24 --gateway 10.5.0.254 --ip-range 10.5.0.128/25 db",
            "  ctr network create --internal --label tier=db private-db",
            "  ctr network create --driver macvlan -o parent=eth0 --subnet 192.0.2.0/24 lan"
        })
public final class NetworkCreateCommand extends Verb {
    @Option(
            names = {"-d", "--driver"},
            paramLabel = "DRIVER",
            description = "bridge, macvlan or ipvlan (default: bridge)")
    private String driver = "bridge";

    @Option(
            names = "--subnet",
            paramLabel = "SUBNET",
            description = "A subnet, such as 10.5.0.0/24; several for more (default: a free one)")
    private List<String> subnets = new ArrayList<>();

    @Option(names = "--gateway", paramLabel = "ADDRESS", description = "The gateway in the subnet before it")
    private List<String> gateways = new ArrayList<>();

    @Option(
            names = "--ip-range",
            paramLabel = "SUBNET|FIRST-LAST",
            description = "Give containers addresses of this part of the subnet only")
    private List<String> ipRanges = new ArrayList<>();

    @Option(names = "--internal", description = "Without a way to the host and beyond")
    private boolean internal;

    @Option(names = "--ipv6", description = "With an IPv6 subnet too")
    private boolean version6;

    @Option(names = "--disable-dns", description = "Containers do not find each other by name")
    private boolean withoutNames;

    @Option(names = "--interface-name", paramLabel = "NAME", description = "The name of the bridge on the host")
    private String interfaceName = "";

    @Option(
            names = "--ipam-driver",
            paramLabel = "DRIVER",
            description = "What gives addresses: host-local, dhcp (its daemon must run) or none")
    private String ipamDriver = "";

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "Add a label")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = {"-o", "--opt"},
            paramLabel = "KEY=VALUE",
            description = "bridge: mtu, vlan; macvlan and ipvlan: parent, mode, mtu")
    private List<String> options = new ArrayList<>();

    @Option(names = "--ignore", description = "Do not fail if there is such a network")
    private boolean ignore;

    @Parameters(paramLabel = "[NAME]", hideParamSyntax = true, description = "Its name; by default a free one")
    private List<String> names = new ArrayList<>();

    public NetworkCreateCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (names.size() > 1) {
            throw new Failure("accepts at most 1 arg(s), received " + names.size());
        }
        NetworkCreateOptions create = new NetworkCreateOptions()
                .driver(driver)
                .internal(internal)
                .version6(version6)
                .resolvesNames(!withoutNames)
                .hostInterface(interfaceName)
                .ipamDriver(ipamDriver);
        names.forEach(create::name);
        subnets.forEach(create::subnet);
        gateways.forEach(create::gateway);
        ipRanges.forEach(create::ipRange);
        labels.stream().map(KeyValue::parse).forEach(label -> create.label(label.key(), label.value()));
        options.stream().map(KeyValue::parse).forEach(option -> create.option(option.key(), option.value()));
        ctr.output().line(create(create));
        return ExitCode.OK;
    }

    private String create(NetworkCreateOptions create) {
        try {
            return ctr.engine().networks().create(create).path("name").asText();
        } catch (EngineException e) {
            if (ignore && e.code() == EngineException.Code.ALREADY_EXISTS) {
                return names.get(0);
            }
            throw e;
        }
    }
}
