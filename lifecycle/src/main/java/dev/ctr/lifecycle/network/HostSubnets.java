package dev.ctr.lifecycle.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The subnets that the host itself is in or has routes to: those of its interfaces, and those of the routing tables
 * {@code /proc/net/route} and {@code /proc/net/ipv6_route}.
 */
final class HostSubnets {
    private static final Path TABLES = Path.of("/proc/thread-self/net");
    private static final int LOOPBACK_VERSION_6_LENGTH = 128;

    private HostSubnets() {}

    /** Those of the calling thread's network namespace; default routes, which lead everywhere, are not among them. */
    static List<Subnet> inUse() throws IOException {
        List<Subnet> subnets = new ArrayList<>();
        for (NetworkInterface networkInterface :
                NetworkInterface.networkInterfaces().toList()) {
            for (InterfaceAddress address : networkInterface.getInterfaceAddresses()) {
                if (AddressLiteral.isVersion4(address.getAddress())) {
                    subnets.add(Subnet.of(address.getAddress(), address.getNetworkPrefixLength()));
                }
            }
        }
        for (String line : lines("route")) {
            addVersion4(line, subnets);
        }
        for (String line : lines("ipv6_route")) {
            addVersion6(line, subnets);
        }
        return subnets;
    }

    private static List<String> lines(String table) throws IOException {
        Path file = TABLES.resolve(table);
        return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.US_ASCII) : List.of();
    }

    /** The columns are interface, destination, gateway, flags, 3 counters, mask; addresses are in the host's byte order. */
    private static void addVersion4(String line, List<Subnet> subnets) throws IOException {
        String[] columns = line.trim().split("\\s+", -1);
        if (columns.length < 8 || !columns[1].matches("[0-9A-Fa-f]{8}")) {
            return;
        }
        int length = Integer.bitCount(Integer.parseUnsignedInt(columns[7], 16));
        if (length > 0) {
            byte[] address = HexFormat.of().parseHex(columns[1]);
            byte[] turned = {address[3], address[2], address[1], address[0]};
            subnets.add(Subnet.of(InetAddress.getByAddress(turned), length));
        }
    }

    /** The columns are destination, its prefix length in hexadecimal, and others. */
    private static void addVersion6(String line, List<Subnet> subnets) throws IOException {
        String[] columns = line.trim().split("\\s+", -1);
        if (columns.length < 2 || !columns[0].matches("[0-9a-fA-F]{32}")) {
            return;
        }
        int length = Integer.parseInt(columns[1], 16);
        InetAddress address = InetAddress.getByAddress(HexFormat.of().parseHex(columns[0]));
        boolean isOfEveryHost = address.isLinkLocalAddress() || address.isMulticastAddress();
        if (length > 0 && length < LOOPBACK_VERSION_6_LENGTH && !isOfEveryHost) {
            subnets.add(Subnet.of(address, length));
        }
    }
}
