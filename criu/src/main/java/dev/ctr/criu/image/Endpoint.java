package dev.ctr.criu.image;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An address and a port.
 *
 * @param address in the usual notation, IPv4 addresses that are written as IPv6 as the former
 * @param port 0 for none
 */
public record Endpoint(String address, int port) {
    private static final int IPV4_WORDS = 1;
    private static final int IPV6_WORDS = 4;
    private static final int WORD = 4;

    /** From CRIU's words, which are as the kernel has them in memory. */
    static Endpoint of(List<Integer> words, int port) {
        int count = words.size() <= IPV4_WORDS ? IPV4_WORDS : IPV6_WORDS;
        ByteBuffer bytes = ByteBuffer.allocate(count * WORD).order(ByteOrder.LITTLE_ENDIAN);
        words.stream().limit(count).forEach(bytes::putInt);
        try {
            return new Endpoint(text(InetAddress.getByAddress(bytes.array())), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        return address.isAnyLocalAddress() ? "::" : shortened(address.getHostAddress());
    }

    /** The longest row of zeros becomes two colons (RFC 5952). */
    private static String shortened(String address) {
        String best = "";
        for (int zeros = 2; zeros <= 2 * IPV6_WORDS; zeros++) {
            String row = "0:".repeat(zeros - 1) + "0";
            if ((":" + address + ":").contains(":" + row + ":")) {
                best = row;
            }
        }
        return best.isEmpty()
                ? address
                : (":" + address + ":")
                        .replaceFirst(":" + best + ":", "::")
                        .replaceFirst("^:(?!:)", "")
                        .replaceFirst("(?<!:):$", "");
    }

    /** {@code 127.0.0.1:80}, {@code [::]:80}, with {@code *} for no port. */
    @Override
    public String toString() {
        String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
        return host + ":" + (port == 0 ? "*" : Integer.toString(port));
    }
}
