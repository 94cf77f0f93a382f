package dev.ctr.lifecycle.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a new network is to be. A mutable builder: set what differs from the defaults, then hand it to {@link
 * Networks#create}. The default is a bridge network with a free IPv4 subnet of 256 addresses.
 */
public final class NetworkCreateOptions {
    String name = "";
    String driver = "bridge";
    final List<String> subnets = new ArrayList<>();
    final List<String> gateways = new ArrayList<>();
    final List<String> ipRanges = new ArrayList<>();
    boolean internal;
    boolean version6;
    boolean resolvesNames = true;
    String hostInterface = "";
    String ipamDriver = "";
    final Map<String, String> labels = new LinkedHashMap<>();
    final Map<String, String> driverOptions = new LinkedHashMap<>();

    /** Its name; empty to take a free one, which is also its bridge's. */
    public NetworkCreateOptions name(String value) {
        name = value;
        return this;
    }

    /** {@code bridge}, {@code macvlan} or {@code ipvlan}. */
    public NetworkCreateOptions driver(String value) {
        driver = value;
        return this;
    }

    /** A subnet, such as {@code 10.5.0.0/24}. */
    public NetworkCreateOptions subnet(String value) {
        subnets.add(value);
        return this;
    }

    /** The gateway in the subnet of the same position, instead of the subnet's first address. */
    public NetworkCreateOptions gateway(String value) {
        gateways.add(value);
        return this;
    }

    /** What to give to containers of the subnet of the same position: {@code 10.5.0.128/25} or {@code FIRST-LAST}. */
    public NetworkCreateOptions ipRange(String value) {
        ipRanges.add(value);
        return this;
    }

    /** Whether containers reach each other only, not the host and what is beyond it. */
    public NetworkCreateOptions internal(boolean value) {
        internal = value;
        return this;
    }

    /** Whether containers get an IPv6 address too, from a subnet that is chosen if none is given. */
    public NetworkCreateOptions version6(boolean value) {
        version6 = value;
        return this;
    }

    /** Whether containers on it find each other by name; they do unless this says otherwise. */
    public NetworkCreateOptions resolvesNames(boolean value) {
        resolvesNames = value;
        return this;
    }

    /** The name of the bridge on the host; empty to take a free one. */
    public NetworkCreateOptions hostInterface(String value) {
        hostInterface = value;
        return this;
    }

    /** What gives addresses: {@code host-local}, {@code dhcp} or {@code none}; empty for the one that fits the driver. */
    public NetworkCreateOptions ipamDriver(String value) {
        ipamDriver = value;
        return this;
    }

    public NetworkCreateOptions label(String key, String value) {
        labels.put(key, value);
        return this;
    }

    /** {@code mtu} and {@code vlan} of a bridge; {@code mtu}, {@code mode} and {@code parent} of a macvlan or ipvlan. */
    public NetworkCreateOptions option(String key, String value) {
        driverOptions.put(key, value);
        return this;
    }
}
