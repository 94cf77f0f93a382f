package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Durable;
import dev.ctr.lifecycle.network.HostsFile;
import dev.ctr.lifecycle.network.LiveHosts;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.NetworkStatus;
import dev.ctr.lifecycle.network.ResolvConf;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The files of a container's /etc, and its /run/.containerenv, that every start writes anew in the run directory. */
final class GeneratedFiles {
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    private final ContainerConfig config;
    private final ContainerPaths paths;
    private final SharedPlaces places;

    GeneratedFiles(ContainerConfig config, ContainerPaths paths, SharedPlaces places) {
        this.config = config;
        this.paths = paths;
        this.places = places;
    }

    /** Writes those that the container takes neither from its image nor from a container whose network it shares. */
    void write(Map<String, NetworkStatus> status) throws IOException {
        write("hostname", config.hostname() + "\n");
        if (places.sharesNetworkFiles()) {
            places.addName();
        } else {
            writeNetworkFiles(status);
        }
        write(".containerenv", containerEnvironment());
        if (config.timezone().isPresent()) {
            write("localtime", LocalTime.rules(config.timezone().get()));
        }
    }

    private void writeNetworkFiles(Map<String, NetworkStatus> status) throws IOException {
        if (!config.usesImageHosts()) {
            write("hosts", hosts(status).render());
        }
        if (!config.usesImageResolvConf()) {
            write("resolv.conf", resolvConf(status).render());
        }
    }

    /** The container's {@code /etc/hosts} on the host. */
    Path hostsFile() {
        return paths.runDirectory().resolve("hosts");
    }

    /** Tells a container that runs of its own addresses after they have changed. */
    void updateHosts(Map<String, NetworkStatus> before, Map<String, NetworkStatus> now) throws IOException {
        if (config.usesImageHosts()) {
            return;
        }
        Map<String, List<String>> gone = ownNames(before);
        Map<String, List<String>> added = ownNames(now);
        Set<String> kept = Set.copyOf(added.keySet());
        added.keySet().removeAll(Set.copyOf(gone.keySet()));
        gone.keySet().removeAll(kept);
        LiveHosts.replaceOwn(hostsFile(), gone.keySet(), added);
    }

    private HostsFile hosts(Map<String, NetworkStatus> status) throws IOException {
        Map<String, List<String>> own = ownNames(status);
        if (own.isEmpty() && config.ownsNetworkNamespace()) {
            own.put("127.0.0.1", List.of(config.hostname(), config.name()));
        }
        String gateway = HostsFile.hostAddress(status.values());
        return new HostsFile(
                text("/etc/hosts"), config.addedHosts(), gateway.isEmpty() ? addressOfHost() : gateway, own);
    }

    /** What the container is called at each of its addresses. */
    private Map<String, List<String>> ownNames(Map<String, NetworkStatus> status) {
        Map<String, NetworkOptions> networks = config.networks();
        Map<String, List<String>> own = new LinkedHashMap<>();
        status.forEach((network, addresses) -> {
            List<String> names = new ArrayList<>(List.of(config.hostname(), config.name()));
            List<String> aliases =
                    networks.getOrDefault(network, NetworkOptions.ANY).aliases();
            aliases.stream()
                    .filter(alias -> !alias.equals(config.id().abbreviated()))
                    .forEach(names::add);
            addresses.addresses().forEach(address -> own.put(address.ip(), names));
        });
        return own;
    }

    /** The host's first IPv4 address, by which libpod names it to containers without a gateway; empty if it has none. */
    private static String addressOfHost() throws IOException {
        return NetworkInterface.networkInterfaces()
                .sorted(Comparator.comparing(NetworkInterface::getIndex))
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst()
                .orElse("");
    }

    private ResolvConf resolvConf(Map<String, NetworkStatus> status) throws IOException {
        List<String> searches = new ArrayList<>(config.dnsSearches());
        status.values().forEach(network -> searches.addAll(network.dnsSearchDomains()));
        ResolvConf wanted = new ResolvConf(dnsServers(status), searches, config.dnsOptions());
        String host = text("/etc/resolv.conf");
        boolean hasVersion6 = status.values().stream()
                .flatMap(network -> network.addresses().stream())
                .anyMatch(address -> address.ip().contains(":"));
        return config.networkMode().equals("host")
                ? ResolvConf.onHostNetwork(host, wanted)
                : ResolvConf.onOwnNetwork(host, text("/run/systemd/resolve/resolv.conf"), hasVersion6, wanted);
    }

    private List<String> dnsServers(Map<String, NetworkStatus> status) {
        return config.dnsServers().isEmpty()
                ? status.values().stream()
                        .flatMap(network -> network.dnsServers().stream())
                        .distinct()
                        .toList()
                : config.dnsServers();
    }

    private static String text(String hostFile) throws IOException {
        Path file = Path.of(hostFile);
        return Files.isReadable(file) ? Files.readString(file) : "";
    }

    private void write(String name, String content) throws IOException {
        write(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String name, byte[] content) throws IOException {
        Durable.writeAtomically(paths.runDirectory().resolve(name), content, READABLE);
    }

    private String containerEnvironment() {
        return "engine=\"ctr\"\nname=\"" + config.name() + "\"\nid=\"" + config.id() + "\"\nimage=\""
                + config.imageAsGiven() + "\"\nimageid=\"" + config.imageId().orElse("") + "\"\nrootless=0\n";
    }
}
