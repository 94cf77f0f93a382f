package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which bridges and subnets the networks of all roots have on one host, so that none takes another's. A network is entered when
 * it is created and, after a reboot, when it is first used. The default network is not entered: all roots share it.
 *
 * @param ledger what the roots of the host share
 * @param rootHash tells the roots apart
 */
record NetworkClaims(HostLedger ledger, String rootHash) {
    private static final String SUFFIX = ".json";

    /**
     * What one network has.
     *
     * @param definition the file that defines it; without that, the claim is void
     * @param hostInterface its bridge; empty if it has none
     * @param subnets its subnets
     */
    record Claim(Path definition, String hostInterface, List<Subnet> subnets) {
        boolean collidesWith(Claim other) {
            boolean sharesBridge = !hostInterface.isEmpty() && hostInterface.equals(other.hostInterface);
            return sharesBridge
                    || subnets.stream().anyMatch(mine -> other.subnets.stream().anyMatch(mine::overlaps));
        }
    }

    static Claim of(NetworkDefinition definition, Path file) {
        return new Claim(
                file,
                definition.bridge().orElse(""),
                definition.ranges().stream()
                        .map(NetworkDefinition.Range::subnet)
                        .toList());
    }

    /** Enters a network that is about to be used, unless it has been. */
    void ensure(NetworkDefinition definition, Path file) throws IOException {
        if (!definition.name().equals(NetworkDefinitions.DEFAULT_NETWORK)
                && !Files.exists(claimFile(definition.name()))) {
            ledger.exclusively(() -> enter(definition, file));
        }
    }

    /**
     * Enters a network. The caller holds the ledger.
     *
     * @throws EngineException IN_USE if another root's network has its bridge or one of its subnets
     */
    Claim enter(NetworkDefinition definition, Path file) throws IOException {
        Claim claim = of(definition, file);
        for (Claim other : others(definition.name())) {
            if (claim.collidesWith(other)) {
                throw new EngineException(
                        EngineException.Code.IN_USE,
                        "network \"" + definition.name() + "\" cannot be used on this host: another root's network, "
                                + other.definition()
                                + ", has the same bridge or an overlapping subnet; remove one of them, or create it again"
                                + " with another --subnet");
            }
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("definition", file.toAbsolutePath().toString()).put("interface", claim.hostInterface());
        ArrayNode subnets = json.putArray("subnets");
        claim.subnets().forEach(subnet -> subnets.add(subnet.toString()));
        JsonFiles.write(claimFile(definition.name()), json);
        return claim;
    }

    /** Strikes a network out. The caller holds the ledger. */
    void strike(String network) throws IOException {
        Files.deleteIfExists(claimFile(network));
    }

    /** What the networks of this and all other roots have, except for one of this root's. The caller holds the ledger. */
    List<Claim> others(String network) throws IOException {
        List<Claim> claims = new ArrayList<>();
        if (!Files.isDirectory(directory())) {
            return claims;
        }
        try (Stream<Path> files = Files.list(directory())) {
            for (Path file : files.filter(NetworkClaims::isClaim).toList()) {
                Claim claim = read(file);
                if (!Files.exists(claim.definition())) {
                    Files.deleteIfExists(file);
                } else if (!file.equals(claimFile(network))) {
                    claims.add(claim);
                }
            }
        }
        return claims;
    }

    private static boolean isClaim(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) && !name.startsWith(".");
    }

    private static Claim read(Path file) throws IOException {
        JsonNode json = Json.readObject(file);
        List<Subnet> subnets = new ArrayList<>();
        json.path("subnets").forEach(subnet -> subnets.add(Subnet.parse(subnet.asText())));
        return new Claim(
                Path.of(json.path("definition").asText()),
                json.path("interface").asText(),
                subnets);
    }

    private Path directory() {
        return ledger.directory().resolve("networks");
    }

    private Path claimFile(String network) {
        return directory().resolve(rootHash + "-" + network + SUFFIX);
    }
}
