package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.EngineException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The content of a container's {@code /etc/hosts}, composed as libpod does (libnetwork/etchosts): first what the user added,
 * then the host's own entries, then {@code localhost}, {@code host.containers.internal} and the container itself, each only
 * for names that nobody above has defined.
 *
 * @param base the content of the host's file, or of another that the container starts from; may be empty
 * @param added what the user added, each {@code NAME[;NAME...]:ADDRESS}; the address {@code host-gateway} stands for the host
 * @param hostAddress the address at which the container reaches the host, its network's gateway; empty if it cannot
 * @param own what the container is called at each of its addresses, such as its hostname, its name and its aliases
 */
public record HostsFile(String base, List<String> added, String hostAddress, Map<String, List<String>> own) {
    private static final String HOST_GATEWAY = "host-gateway";
    private static final String HOST_NAME = "host.containers.internal";

    /** One line. */
    private record Entry(String address, List<String> names) {
        String line() {
            return address + "\t" + String.join(" ", names) + "\n";
        }
    }

    public HostsFile {
        added = List.copyOf(added);
        Map<String, List<String>> distinct = new LinkedHashMap<>();
        own.forEach((address, names) -> distinct.put(
                address,
                names.stream().filter(name -> !name.isEmpty()).distinct().toList()));
        own = Collections.unmodifiableMap(distinct);
    }

    /** A container that is called the same at each of its addresses. */
    HostsFile(String base, List<String> added, String hostAddress, List<String> ownAddresses, List<String> ownNames) {
        this(base, added, hostAddress, sameAtEach(ownAddresses, ownNames));
    }

    private static Map<String, List<String>> sameAtEach(List<String> addresses, List<String> names) {
        Map<String, List<String>> own = new LinkedHashMap<>();
        addresses.forEach(address -> own.put(address, names));
        return own;
    }

    /**
     * Checks an added entry as far as that is possible before the container has a network.
     *
     * @throws EngineException INVALID_ARGUMENT if it is not of the form said above
     */
    public static void check(String added) {
        new HostsFile("", List.of(added), "127.0.0.1", Map.of()).render();
    }

    /**
     * The file's text.
     *
     * @throws EngineException INVALID_ARGUMENT if an added entry is not of the form said above
     */
    public String render() {
        List<Entry> entries = new ArrayList<>();
        added.forEach(text -> entries.add(addedEntry(text)));
        base.lines().forEach(line -> addBaseEntry(entries, line));
        Set<String> defined = entries.stream()
                .flatMap(entry -> entry.names().stream())
                .collect(Collectors.toCollection(HashSet::new));
        for (Entry entry : ownEntries()) {
            List<String> missing = entry.names().stream()
                    .filter(name -> !defined.contains(name))
                    .toList();
            if (!missing.isEmpty()) {
                entries.add(new Entry(entry.address(), missing));
            }
        }
        return entries.stream().map(Entry::line).collect(Collectors.joining());
    }

    private List<Entry> ownEntries() {
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry("127.0.0.1", List.of("localhost")));
        entries.add(new Entry("::1", List.of("localhost")));
        if (!hostAddress.isEmpty()) {
            entries.add(new Entry(hostAddress, List.of(HOST_NAME)));
        }
        own.forEach((address, names) -> entries.add(new Entry(address, names)));
        return entries;
    }

    private Entry addedEntry(String text) {
        int colon = text.indexOf(':');
        String names = colon < 0 ? "" : text.substring(0, colon);
        String address = text.substring(colon + 1).replaceAll("^\\[(.*)]$", "$1");
        if (names.isBlank()) {
            throw invalid(text, "write NAME:ADDRESS");
        }
        if (address.equals(HOST_GATEWAY)) {
            if (hostAddress.isEmpty()) {
                throw invalid(text, "the container's network has no gateway to the host; write the host's address");
            }
            address = hostAddress;
        } else if (AddressLiteral.parse(address).isEmpty()) {
            throw invalid(text, "\"" + address + "\" is not an IP address");
        }
        return new Entry(address, words(names, ";"));
    }

    private static void addBaseEntry(List<Entry> entries, String line) {
        int comment = line.indexOf('#');
        List<String> words = words(comment < 0 ? line : line.substring(0, comment), "\\s+");
        if (words.size() >= 2) {
            entries.add(new Entry(words.get(0), words.subList(1, words.size())));
        }
    }

    private static List<String> words(String text, String separator) {
        return Arrays.stream(text.strip().split(separator, -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static EngineException invalid(String text, String reason) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT, "cannot add the host entry \"" + text + "\": " + reason);
    }

    /**
     * The address at which a container reaches its host: the first gateway of its networks, IPv4 before IPv6; empty if there is
     * none.
     */
    public static String hostAddress(Iterable<NetworkStatus> statuses) {
        String version6 = "";
        for (NetworkStatus status : statuses) {
            for (NetworkStatus.Address address : status.addresses()) {
                Optional<InetAddress> gateway = AddressLiteral.parse(address.gateway());
                if (gateway.isPresent() && AddressLiteral.isVersion4(gateway.get())) {
                    return address.gateway();
                }
                version6 = version6.isEmpty() ? address.gateway() : version6;
            }
        }
        return version6;
    }
}
