package dev.ctr.lifecycle.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a container joins one network (a value of {@code newNetworks} in libpod's configuration).
 *
 * @param interfaceName the interface inside the container, such as {@code eth0}; empty, before it is chosen, to take a free one
 * @param staticIps the addresses to ask for; empty to take what is free
 * @param staticMac the MAC address to ask for; empty to take any
 * @param aliases further names of the container on this network
 */
public record NetworkOptions(String interfaceName, List<String> staticIps, String staticMac, List<String> aliases) {
    /** Whatever is free. */
    public static final NetworkOptions ANY = new NetworkOptions("", List.of(), "", List.of());

    public NetworkOptions {
        staticIps = List.copyOf(staticIps);
        aliases = List.copyOf(aliases);
    }

    public NetworkOptions withInterfaceName(String name) {
        return new NetworkOptions(name, staticIps, staticMac, aliases);
    }

    public NetworkOptions withStaticIp(String ip) {
        return new NetworkOptions(interfaceName, plus(staticIps, ip), staticMac, aliases);
    }

    public NetworkOptions withStaticMac(String mac) {
        return new NetworkOptions(interfaceName, staticIps, mac, aliases);
    }

    public NetworkOptions withAlias(String alias) {
        return aliases.contains(alias)
                ? this
                : new NetworkOptions(interfaceName, staticIps, staticMac, plus(aliases, alias));
    }

    private static List<String> plus(List<String> list, String element) {
        List<String> more = new ArrayList<>(list);
        more.add(element);
        return more;
    }

    /** The same networks, each that has no interface name with the first {@code ethN} that no other has. */
    public static Map<String, NetworkOptions> withInterfaceNames(Map<String, NetworkOptions> networks) {
        Set<String> taken =
                networks.values().stream().map(NetworkOptions::interfaceName).collect(Collectors.toSet());
        Map<String, NetworkOptions> named = new LinkedHashMap<>();
        networks.forEach((network, options) -> {
            String name = options.interfaceName();
            for (int number = 0; name.isEmpty(); number++) {
                name = taken.add("eth" + number) ? "eth" + number : "";
            }
            named.put(network, options.withInterfaceName(name));
        });
        return named;
    }
}
