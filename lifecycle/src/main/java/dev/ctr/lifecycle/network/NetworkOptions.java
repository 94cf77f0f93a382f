package dev.ctr.lifecycle.network;

import java.util.List;

/**
 * How a container joins one network (a value of {@code newNetworks} in libpod's configuration).
 *
 * @param interfaceName the interface inside the container, such as {@code eth0}
 * @param staticIps the addresses to ask for; empty to take what is free
 * @param staticMac the MAC address to ask for; empty to take any
 * @param aliases further names of the container on this network
 */
public record NetworkOptions(String interfaceName, List<String> staticIps, String staticMac, List<String> aliases) {}
