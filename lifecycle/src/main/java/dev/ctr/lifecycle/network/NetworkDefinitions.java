package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Durable;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    private static final int LONGEST_NAME = 128;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{1,64}");

    /** What {@code --network} understands otherwise. */
    private static final Set<String> MODES = Set.of(
            "bridge", "none", "host", "default", "private", "container", "ns", "path", "pod", "slirp4netns", "pasta");

    /** @throws EngineException INVALID_ARGUMENT if no network can have this name */
    static void checkName(String name) {
        if (!NAME.matcher(name).matches() || name.length() > LONGEST_NAME) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "network name " + name + " invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument");
        }
        if (MODES.contains(name)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "network name " + name + " invalid: --network " + name + " means something else: invalid argument");
        }
    }

    /** The file that defines a network. */
    Path file(String name) {
        return directory.resolve(name + SUFFIX);
    }

    /** @throws EngineException NO_SUCH_NETWORK if nothing defines it, INVALID_ARGUMENT if its file is not usable */
    NetworkDefinition get(String name) throws IOException {
        Path file = file(NAME.matcher(name).matches() ? name : "-");
        if (!Files.exists(file)) {
            if (!name.equals(DEFAULT_NETWORK)) {
                throw noSuchNetwork(name);
            }
            JsonFiles.writeIfAbsent(file, NetworkDefinition.bridge(name, DEFAULT_BRIDGE, defaultRange()));
        }
        return read(name, file);
    }

    /**
     * The network with this name or ID, or with the only ID that begins so.
     *
     * @throws EngineException NO_SUCH_NETWORK if there is none, INVALID_ARGUMENT if several IDs begin so
     */
    NetworkDefinition find(String nameOrId) throws IOException {
        boolean isName = NAME.matcher(nameOrId).matches() && Files.exists(file(nameOrId));
        if (isName || nameOrId.equals(DEFAULT_NETWORK) || !ID.matcher(nameOrId).matches()) {
            return get(nameOrId);
        }
        List<NetworkDefinition> found = list().stream()
                .filter(network -> network.id().startsWith(nameOrId))
                .toList();
        if (found.size() > 1) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "more than one result for network ID " + nameOrId + ": give more of the ID, or the name");
        }
        return found.stream().findFirst().orElseThrow(() -> noSuchNetwork(nameOrId));
    }

    private static EngineException noSuchNetwork(String name) {
        return new EngineException(
                EngineException.Code.NO_SUCH_NETWORK,
                "unable to find network with name or ID " + name + ": network not found");
    }

    /** Defines a network, for good, unless its name is taken; tells whether it did. */
    boolean add(String name, ObjectNode configuration) throws IOException {
        return JsonFiles.writeIfAbsent(file(name), configuration);
    }

    /** Deletes a definition for good. */
    void remove(String name) throws IOException {
        Files.deleteIfExists(file(name));
        Durable.syncDirectory(directory);
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
            return new NetworkDefinition(name, Files.getLastModifiedTime(file).toInstant(), Json.readObject(file))
                    .requireUsable(file.toString());
        } catch (IOException e) {
            if (e.getCause() instanceof JsonProcessingException invalid) {
                throw new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        file + " is not JSON: " + invalid.getOriginalMessage() + "; correct the file, or delete it",
                        e);
            }
            throw e;
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
