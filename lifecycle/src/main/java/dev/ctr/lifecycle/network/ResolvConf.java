package dev.ctr.lifecycle.network;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The settings of a {@code resolv.conf}(5) file.
 *
 * @param nameservers addresses of name servers, asked in this order
 * @param searches domains to look short names up in
 * @param options resolver options, such as {@code ndots:2}
 */
public record ResolvConf(List<String> nameservers, List<String> searches, List<String> options) {
    /** What libpod gives a container whose host has no name server that it could reach. */
    private static final List<String> PUBLIC_NAMESERVERS = List.of("8.8.8.8", "8.8.4.4");

    private static final List<String> PUBLIC_NAMESERVERS_VERSION_6 =
            List.of("2001:4860:4860::8888", "2001:4860:4860::8844");

    /** The stub resolver of systemd-resolved, which listens on the host's loopback. */
    private static final List<String> SYSTEMD_STUB = List.of("127.0.0.53");

    /** The search domain that stands for none at all. */
    private static final String NO_SEARCH = ".";

    public ResolvConf {
        nameservers = List.copyOf(nameservers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    /** Reads a file's text; of several {@code search} or {@code domain} lines the last counts, other lines are dropped. */
    public static ResolvConf parse(String text) {
        List<String> nameservers = new ArrayList<>();
        List<String> searches = new ArrayList<>();
        List<String> options = new ArrayList<>();
        for (String line : text.lines().toList()) {
            List<String> words = words(line);
            if (words.size() < 2) {
                continue;
            }
            List<String> values = words.subList(1, words.size());
            switch (words.get(0)) {
                case "nameserver" -> nameservers.add(values.get(0));
                case "search", "domain" -> {
                    searches.clear();
                    searches.addAll(values);
                }
                case "options" -> options.addAll(values);
                default -> {}
            }
        }
        return new ResolvConf(nameservers, searches, options);
    }

    /**
     * What a container on the host's network starts from: the host's settings, with the user's in place of those given.
     *
     * @param hostFile the text of the host's {@code /etc/resolv.conf}
     * @param wanted what the user asked for; where a list is empty, the host's is kept
     */
    public static ResolvConf onHostNetwork(String hostFile, ResolvConf wanted) {
        return parse(hostFile).overriddenBy(wanted);
    }

    /**
     * What a container with a network of its own gets: the host's settings without name servers that only the host itself can
     * reach, with the user's in place of those given. Where no name server is left, libpod's public ones are used.
     *
     * @param hostFile the text of the host's {@code /etc/resolv.conf}
     * @param systemdFile the text of {@code /run/systemd/resolve/resolv.conf}, used if the host's names only systemd's stub; empty
     *     if there is none
     * @param hasVersion6 whether the container has an IPv6 address; without, IPv6 name servers are dropped
     * @param wanted what the user asked for; where a list is empty, the host's is kept
     */
    public static ResolvConf onOwnNetwork(String hostFile, String systemdFile, boolean hasVersion6, ResolvConf wanted) {
        ResolvConf host = parse(hostFile);
        if (host.nameservers.equals(SYSTEMD_STUB) && !systemdFile.isEmpty()) {
            host = parse(systemdFile);
        }
        ResolvConf reachable = host.reachable(hasVersion6).overriddenBy(wanted);
        if (!reachable.nameservers.isEmpty()) {
            return reachable;
        }
        List<String> fallback = new ArrayList<>(PUBLIC_NAMESERVERS);
        if (hasVersion6) {
            fallback.addAll(PUBLIC_NAMESERVERS_VERSION_6);
        }
        return new ResolvConf(fallback, reachable.searches, reachable.options);
    }

    /** The text of the file. */
    public String render() {
        StringBuilder text = new StringBuilder();
        if (!searches.isEmpty()) {
            text.append("search ").append(String.join(" ", searches)).append('\n');
        }
        nameservers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
        if (!options.isEmpty()) {
            text.append("options ").append(String.join(" ", options)).append('\n');
        }
        return text.toString();
    }

    private ResolvConf reachable(boolean hasVersion6) {
        return new ResolvConf(
                nameservers.stream()
                        .filter(server -> isReachable(server, hasVersion6))
                        .toList(),
                searches,
                options);
    }

    private static boolean isReachable(String nameserver, boolean hasVersion6) {
        String withoutZone = nameserver.replaceAll("%.*", "");
        Optional<InetAddress> address = AddressLiteral.parse(withoutZone);
        return address.isPresent()
                && !address.get().isLoopbackAddress()
                && (hasVersion6 || AddressLiteral.isVersion4(address.get()));
    }

    private ResolvConf overriddenBy(ResolvConf wanted) {
        List<String> wantedSearches = wanted.searches.isEmpty() ? searches : wanted.searches;
        return new ResolvConf(
                wanted.nameservers.isEmpty() ? nameservers : wanted.nameservers,
                wantedSearches.contains(NO_SEARCH) ? List.of() : wantedSearches,
                wanted.options.isEmpty() ? options : wanted.options);
    }

    private static List<String> words(String line) {
        int comment = line.indexOf('#');
        String uncommented = comment < 0 ? line : line.substring(0, comment);
        return Arrays.stream(uncommented.strip().split("\\s+", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
