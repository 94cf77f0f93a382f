package dev.ctr.agent;

import java.net.InetSocketAddress;

/**
 * Where an agent listens: {@code host-b:7443}, {@code 10.0.0.2:7443} or {@code [fd00::2]:7443}.
 *
 * @param host a name or an address, an IPv6 address without brackets
 * @param port 0 to 65535; 0 only for listening, where it stands for any free one
 */
public record HostAndPort(String host, int port) {
    private static final int HIGHEST_PORT = 65_535;

    public HostAndPort {
        if (host.isEmpty() || port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException(sentence(host + ":" + port));
        }
    }

    /**
     * Reads {@code HOST:PORT}.
     *
     * @throws IllegalArgumentException with a sentence if it is not that
     */
    public static HostAndPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        boolean ambiguous = !bracketed && host.contains(":");
        String port = text.substring(colon + 1);
        if (host.isEmpty() || ambiguous || !port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(sentence(text));
        }
        return new HostAndPort(host, Integer.parseInt(port));
    }

    private static String sentence(String text) {
        return "\"" + text + "\" is not an address of the form HOST:PORT";
    }

    /** The address, its name looked up. */
    InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
