package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The networks of one root: a directory of {@code NAME.conflist} files. The default network's is written when it is first asked
 * for.
 *
 * @param directory where the files are; need not exist
 */
record NetworkDefinitions(Path directory) {
    /** Named as podman's, so that an archive's network is the same on both sides. */
    static final String DEFAULT_NETWORK = "podman";

    private static final String DEFAULT_BRIDGE = "ctr0";
    private static final int FIRST_SECOND_OCTET = 88;
    private static final int LAST_SECOND_OCTET = 99;
    private static final String SUFFIX = ".conflist";
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

    /** @throws EngineException NO_SUCH_NETWORK if nothing defines it, INVALID_ARGUMENT if its file is not usable */
    NetworkDefinition get(String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + name + "\" is not a network name; use letters, digits, '_', '.' and '-'");
        }
        Path file = directory.resolve(name + SUFFIX);
        if (!Files.exists(file)) {
            if (!name.equals(DEFAULT_NETWORK)) {
                throw new EngineException(
                        EngineException.Code.NO_SUCH_NETWORK,
                        "there is no network \"" + name + "\": no file of that name is in " + directory);
            }
            JsonFiles.writeIfAbsent(file, NetworkDefinition.bridge(name, DEFAULT_BRIDGE, defaultRange()));
        }
        return read(name, file);
    }

    /** Every network, the default one first even if it has no file yet, the others by name. */
    List<NetworkDefinition> list() throws IOException {
        List<NetworkDefinition> definitions = new ArrayList<>(List.of(get(DEFAULT_NETWORK)));
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(SUFFIX) && !file.startsWith("."))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .filter(name -> !name.equals(DEFAULT_NETWORK))
                    .sorted()
                    .toList();
            for (String name : names) {
                definitions.add(get(name));
            }
        }
        return definitions;
    }

    private static NetworkDefinition read(String name, Path file) throws IOException {
        try {
            return new NetworkDefinition(name, Files.getLastModifiedTime(file).toInstant(), JsonFiles.read(file))
                    .requireUsable(file.toString());
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    file + " is not JSON: " + e.getOriginalMessage() + "; correct the file, or delete it",
                    e);
        }
    }

    /** The existing bridge's own subnet, else the first of 10.88 to 10.99 that no interface of the host is in. */
    private static NetworkDefinition.Range defaultRange() throws IOException {
        List<Subnet> inUse = new ArrayList<>();
        for (NetworkInterface networkInterface :
                NetworkInterface.networkInterfaces().toList()) {
            for (InterfaceAddress address : networkInterface.getInterfaceAddresses()) {
                if (!AddressLiteral.isVersion4(address.getAddress())) {
                    continue;
                }
                Subnet subnet = Subnet.of(address.getAddress(), address.getNetworkPrefixLength());
                if (networkInterface.getName().equals(DEFAULT_BRIDGE)) {
                    return new NetworkDefinition.Range(subnet, address.getAddress());
                }
                inUse.add(subnet);
            }
        }
        for (int octet = FIRST_SECOND_OCTET; octet <= LAST_SECOND_OCTET; octet++) {
            Subnet candidate = Subnet.parse("10." + octet + ".0.0/16");
            if (inUse.stream().noneMatch(candidate::overlaps)) {
                InetAddress gateway = candidate.firstHost();
                return new NetworkDefinition.Range(candidate, gateway);
            }
        }
        throw new EngineException(
                EngineException.Code.IN_USE,
                "cannot choose a subnet for the default network: the host's own interfaces use all of 10.88.0.0/16 to"
                        + " 10.99.0.0/16; write a CNI configuration list with another subnet to networks/"
                        + DEFAULT_NETWORK + SUFFIX + " in ctr's root");
    }
}
