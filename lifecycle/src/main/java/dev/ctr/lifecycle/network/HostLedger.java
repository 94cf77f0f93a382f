package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.BootId;
import dev.ctr.criu.linux.NetworkNamespace;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.IoWork;
import dev.ctr.lifecycle.Json;
import dev.ctr.lifecycle.LockFile;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the containers of all roots hold of one host: addresses, in host-local's files, and published ports. "Host" means a
 * network namespace: two roots in one namespace share bridge and ports and therefore a ledger; two namespaces on one machine
 * have nothing in common.
 *
 * <p>The directory is {@code /run/ctr-ipam/BOOT-INODE}, after the boot ID's first eight digits and the namespace's inode. Below
 * it, {@code addresses} is host-local's data directory and {@code claims} holds a file per attached container. Processes
 * exclude each other by a lock on {@code claims/.lock}, and while they change packet filter rules on {@code rules.lock}.
 */
final class HostLedger {
    private static final Path BASE = Path.of("/run/ctr-ipam");
    private static final String CLAIM_SUFFIX = ".json";

    private final Path directory;

    /**
     * What one container holds.
     *
     * @param stateDirectory where its attachment record is; without the record, the claim is void
     * @param ports the host ports it publishes
     */
    private record Claim(Path stateDirectory, List<PortMapping> ports) {}

    HostLedger(Path directory) {
        this.directory = directory;
    }

    /** The ledger of the calling thread's network namespace; a new one's making removes those that nobody can need. */
    static HostLedger ofThisHost() throws IOException {
        String boot = BootId.abbreviated();
        Path directory = BASE.resolve(boot + "-" + NetworkNamespace.currentInode());
        Path madeLast = directory.resolve("claims");
        HostLedger ledger = new HostLedger(directory);
        if (!Files.isDirectory(madeLast)) {
            Files.createDirectories(BASE);
            LedgerSweep.run(BASE, boot);
            ledger.makeDirectories();
        }
        return ledger;
    }

    Path directory() {
        return directory;
    }

    /** host-local's data directory. */
    Path addresses() {
        return directory.resolve("addresses");
    }

    /**
     * Enters a container, with the host ports it will publish.
     *
     * @throws EngineException IN_USE if another container has claimed one of the ports or a program listens on it
     */
    void claim(String owner, Path stateDirectory, List<PortMapping> ports) throws IOException {
        ObjectNode claim = Json.object();
        claim.put("state_directory", stateDirectory.toString());
        claim.set("ports", Json.MAPPER.valueToTree(ports));
        exclusively(() -> {
            requireFree(owner, ports);
            JsonFiles.write(claimFile(owner), claim);
            return claim;
        });
    }

    private void requireFree(String owner, List<PortMapping> ports) throws IOException {
        List<PortMapping> taken = portsOfOthers(owner);
        for (PortMapping wanted : ports) {
            for (PortMapping other : taken) {
                if (wanted.collidesWith(other)) {
                    throw HostPorts.inUse(wanted, Math.max(wanted.hostPort(), other.hostPort()));
                }
            }
            HostPorts.requireFree(wanted);
        }
    }

    /** @throws EngineException IN_USE if a container has claimed one of the ports or a program listens on it */
    void requireFree(List<PortMapping> ports) throws IOException {
        exclusively(() -> {
            requireFree("", ports);
            return ports;
        });
    }

    /** Host ports that nobody has claimed or listens on, for a mapping that asks for any. */
    PortMapping chooseHostPorts(PortMapping mapping, List<PortMapping> alsoTaken) throws IOException {
        return exclusively(() -> {
            List<PortMapping> taken = new ArrayList<>(alsoTaken);
            taken.addAll(portsOfOthers(""));
            return HostPorts.chooseFree(mapping, candidate -> taken.stream().noneMatch(candidate::collidesWith));
        });
    }

    void release(String owner) throws IOException {
        exclusively(() -> Files.deleteIfExists(claimFile(owner)));
    }

    /**
     * Who holds an address of a network. A lease whose container is no longer attached, as after its run root was deleted, is
     * removed and held by nobody.
     */
    Optional<String> holder(String network, InetAddress address) throws IOException {
        Path lease = addresses().resolve(network).resolve(address.getHostAddress());
        return exclusively(() -> {
            if (!Files.exists(lease)) {
                return Optional.empty();
            }
            String owner =
                    Files.readString(lease).lines().findFirst().orElse("").strip();
            if (isAttached(owner)) {
                return Optional.of(owner);
            }
            Files.deleteIfExists(lease);
            return Optional.empty();
        });
    }

    /** Who has a MAC address on a network. */
    Optional<String> macHolder(String network, String mac) throws IOException {
        return exclusively(() -> {
            try (Stream<Path> files = Files.list(directory.resolve("claims"))) {
                for (Path file : files.filter(HostLedger::isClaim).toList()) {
                    Optional<AttachmentRecord> record =
                            AttachmentRecord.read(readClaim(file).stateDirectory());
                    if (record.isPresent() && record.get().hasMac(network, mac)) {
                        return Optional.of(record.get().containerId());
                    }
                }
                return Optional.empty();
            }
        });
    }

    private boolean isAttached(String owner) throws IOException {
        Path file = claimFile(owner);
        return Files.exists(file) && AttachmentRecord.existsIn(readClaim(file).stateDirectory());
    }

    private List<PortMapping> portsOfOthers(String owner) throws IOException {
        List<PortMapping> ports = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory.resolve("claims"))) {
            for (Path file : files.filter(HostLedger::isClaim).toList()) {
                Claim claim = readClaim(file);
                if (!AttachmentRecord.existsIn(claim.stateDirectory())) {
                    Files.deleteIfExists(file);
                } else if (!file.equals(claimFile(owner))) {
                    ports.addAll(claim.ports());
                }
            }
        }
        return ports;
    }

    private static boolean isClaim(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(CLAIM_SUFFIX) && !name.startsWith(".");
    }

    private static Claim readClaim(Path file) throws IOException {
        JsonNode json = Json.readObject(file);
        return new Claim(
                Path.of(json.path("state_directory").asText()),
                Json.MAPPER.convertValue(json.path("ports"), new TypeReference<List<PortMapping>>() {}));
    }

    private Path claimFile(String owner) {
        return directory.resolve("claims").resolve(owner + CLAIM_SUFFIX);
    }

    /** Whether a container that is attached is entered. */
    boolean isInUse() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("claims"))) {
            for (Path file : files.filter(HostLedger::isClaim).toList()) {
                if (AttachmentRecord.existsIn(readClaim(file).stateDirectory())) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Does what one process and thread at a time may do on this host. */
    <T> T exclusively(IoWork<T> work) throws IOException {
        while (true) {
            makeDirectories();
            try {
                return LockFile.holding(lockFile(), work);
            } catch (NoSuchFileException removed) {
                if (stands()) {
                    throw removed;
                }
            }
        }
    }

    /** Changes the host's packet filter in a way that only one may at a time; the container must be entered. */
    <T> T changingRules(IoWork<T> work) throws IOException {
        makeDirectories();
        return LockFile.holding(directory.resolve("rules.lock"), work);
    }

    /** Whether nobody has removed the ledger since. */
    private boolean stands() {
        return Files.exists(lockFile());
    }

    /** Whoever removes the ledger holds the lock on it. */
    Path lockFile() {
        return directory.resolve("claims").resolve(".lock");
    }

    private void makeDirectories() throws IOException {
        for (Path needed : List.of(addresses(), directory.resolve("claims"))) {
            try {
                Files.createDirectories(needed);
            } catch (NoSuchFileException | FileAlreadyExistsException removed) {
                Files.createDirectories(needed);
            }
        }
    }
}
