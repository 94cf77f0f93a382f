package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The CNI networks of one root, and what joins containers to them.
 *
 * <p>"The host" is the network namespace of the calling thread: bridges, packet filter rules and published ports are made there,
 * and addresses are shared with whatever other root attaches containers there.
 *
 * <p>Nothing is held in memory: an instance may be used by several threads, and other processes may use the same root. Calls for
 * one state directory must not overlap; the container's lock sees to that.
 */
public final class Networks {
    /** The network that containers join unless they say otherwise. */
    public static final String DEFAULT_NETWORK = NetworkDefinitions.DEFAULT_NETWORK;

    private static final int ROOT_HASH_DIGITS = 8;

    private final NetworkDefinitions definitions;
    private final Attachments attachments;
    private final NetworkCreation creation;

    /** @param root the engine's root; network definitions are kept in {@code networks} below it */
    public Networks(Path root) {
        this(root, CniPlugins.of(System.getenv()));
    }

    Networks(Path root, CniPlugins plugins) {
        String rootHash = NetworkDefinition.sha256(
                        root.toAbsolutePath().normalize().toString())
                .substring(0, ROOT_HASH_DIGITS);
        this.definitions = new NetworkDefinitions(root.resolve("networks"));
        this.attachments = new Attachments(definitions, plugins, rootHash);
        this.creation = new NetworkCreation(definitions, rootHash);
    }

    /**
     * Brings up {@code lo} in a container's network namespace and joins it to its networks. If that fails, everything made on
     * the way is undone. If an earlier attachment is recorded in the same state directory, as after a crash, it is undone first.
     * The default route leads through the first network that has one, and ports are published through the first that can.
     *
     * @return what it got from each network, in the order asked for
     * @throws EngineException INVALID_ARGUMENT if a wish makes no sense, NO_SUCH_NETWORK, ALREADY_EXISTS if an address is taken,
     *     IN_USE if a host port is taken, RUNTIME if a plugin is missing or fails, IO if a file cannot be read or written
     */
    public Map<String, NetworkStatus> attach(NetworkAttachment attachment) {
        detach(attachment.stateDirectory());
        return call(
                "attach container " + attachment.containerName() + " to its networks",
                () -> attachments.attach(attachment, false));
    }

    /**
     * As {@link #attach}, but the container is held: where others may be on a network's bridge, its interface is on a bridge that
     * is its alone until the commands of {@link #ports} let it join.
     */
    public Map<String, NetworkStatus> attachHeld(NetworkAttachment attachment) {
        detach(attachment.stateDirectory());
        return call(
                "attach container " + attachment.containerName() + " to its networks",
                () -> attachments.attach(attachment, true));
    }

    /** The host's ends of an attached container's interfaces; none without a record in the state directory. */
    public BridgePorts ports(Path stateDirectory) {
        return call("read the attachment in " + stateDirectory, () -> BridgePorts.of(stateDirectory));
    }

    /**
     * Undoes an attachment, however far it got: addresses, packet filter rules, interfaces, names and claims on host ports.
     * Without a record in the state directory, nothing happens. The network namespace may be gone already.
     *
     * @throws EngineException RUNTIME if a plugin fails, IO if a file cannot be read or written; the record is kept, so that
     *     the call can be repeated
     */
    public void detach(Path stateDirectory) {
        call("detach the container of " + stateDirectory + " from its networks", () -> {
            attachments.detach(stateDirectory);
            return stateDirectory;
        });
    }

    /**
     * Joins an attached container to one more network, the only one in {@code attachment}. If that fails, it has its other
     * networks as before. A network that it has joined already is left as it is.
     *
     * @return what it has from each of its networks
     * @throws EngineException as {@link #attach} does
     */
    public Map<String, NetworkStatus> connect(NetworkAttachment attachment) {
        return call(
                "connect container " + attachment.containerName() + " to another network",
                () -> new AttachmentChanges(attachments).connect(attachment));
    }

    /**
     * Takes an attached container off one network, the only one in {@code attachment}. One that it has not joined is not missed.
     *
     * @return what it has from the networks that are left
     * @throws EngineException as {@link #detach} does; the call can be repeated
     */
    public Map<String, NetworkStatus> disconnect(NetworkAttachment attachment) {
        return call(
                "disconnect container " + attachment.containerName() + " from a network",
                () -> new AttachmentChanges(attachments).disconnect(attachment));
    }

    /**
     * Makes the packet filter rules of an attached container and its networks anew, as after somebody has flushed them. Its
     * interfaces, addresses and connections stay.
     *
     * @return what it has from each of its networks
     * @throws EngineException RUNTIME if a plugin fails, IO if a file cannot be read or written; the call can be repeated
     */
    public Map<String, NetworkStatus> reload(Path stateDirectory) {
        return call(
                "reload the networks of the container of " + stateDirectory,
                () -> new AttachmentChanges(attachments).reload(stateDirectory));
    }

    /**
     * Lets an attached container and those that share a network with it find each other by name, in their {@code /etc/hosts}.
     * Networks on which names are not resolved, such as the default one, are left out. {@link #detach} takes the names back.
     *
     * @param hostsFile the container's {@code /etc/hosts} on the host, which must stay the same file from now on
     * @param names what the container is called on each of its networks
     */
    public void publishNames(Path stateDirectory, Path hostsFile, Map<String, List<String>> names) {
        call("publish the names of the container of " + stateDirectory, () -> {
            Optional<AttachmentRecord> record = AttachmentRecord.read(stateDirectory);
            if (record.isPresent()) {
                Map<String, NameLedger.Names> members = members(record.get(), names);
                NameLedger ledger =
                        new NameLedger(new HostLedger(record.get().ledger()), Attachments.rootHash(record.get()));
                if (members.isEmpty()) {
                    ledger.withdraw(record.get().containerId());
                } else {
                    ledger.publish(
                            record.get().containerId(), new NameLedger.Member(stateDirectory, hostsFile, members));
                }
            }
            return names;
        });
    }

    private Map<String, NameLedger.Names> members(AttachmentRecord record, Map<String, List<String>> names)
            throws IOException {
        Map<String, NameLedger.Names> members = new LinkedHashMap<>();
        for (Map.Entry<String, NetworkStatus> status : record.statuses().entrySet()) {
            String network = status.getKey();
            if (definitions.get(network).resolvesNames()) {
                List<String> addresses = status.getValue().addresses().stream()
                        .map(NetworkStatus.Address::ip)
                        .toList();
                members.put(network, new NameLedger.Names(addresses, names.getOrDefault(network, List.of())));
            }
        }
        return members;
    }

    /**
     * Chooses free host ports for the mappings that ask for any, and checks all of them. The ports are not reserved before
     * {@link #attach}.
     *
     * @throws EngineException INVALID_ARGUMENT if mappings exclude each other, IN_USE if no free port is found
     */
    public List<PortMapping> assignHostPorts(List<PortMapping> mappings) {
        List<PortMapping> assigned = new ArrayList<>(PortMapping.merge(mappings));
        return call("choose free host ports", () -> {
            for (int index = 0; index < assigned.size(); index++) {
                if (assigned.get(index).hostPort() == 0) {
                    assigned.set(index, HostLedger.ofThisHost().chooseHostPorts(assigned.get(index), assigned));
                }
            }
            return List.copyOf(assigned);
        });
    }

    /**
     * Why a container could not be attached at this moment: what its attachment would be refused for, and a MAC address that another
     * container of this host has. Touches nothing; an attachment later may still fail.
     *
     * @return a sentence; empty if nothing speaks against it
     */
    public Optional<String> refusal(NetworkAttachment attachment) {
        return call("look whether container " + attachment.containerName() + " could be attached", () -> {
            HostLedger ledger = HostLedger.ofThisHost();
            try {
                new AttachmentPlan(attachment, definitions, ledger, List.of()).networks();
                ledger.requireFree(attachment.ports());
            } catch (EngineException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
            return takenMac(attachment, ledger);
        });
    }

    private static Optional<String> takenMac(NetworkAttachment attachment, HostLedger ledger) throws IOException {
        for (Map.Entry<String, NetworkOptions> wanted : attachment.networks().entrySet()) {
            String mac = wanted.getValue().staticMac();
            Optional<String> holder = mac.isEmpty() ? Optional.empty() : ledger.macHolder(wanted.getKey(), mac);
            if (holder.isPresent()) {
                return Optional.of("container " + attachment.containerName() + " cannot have the MAC address " + mac
                        + " on network \"" + wanted.getKey() + "\": container " + AttachmentPlan.shortId(holder.get())
                        + " has it");
            }
        }
        return Optional.empty();
    }

    /**
     * Defines a network, for good. Its bridge is made when the first container joins it.
     *
     * @return the network in the form of {@link #list}
     * @throws EngineException INVALID_ARGUMENT if a wish makes no sense, ALREADY_EXISTS if its name is taken, IN_USE if its
     *     subnet or bridge is taken by the host, another network or another root
     */
    public ObjectNode create(NetworkCreateOptions options) {
        return call("create the network", () -> creation.create(options).inspect());
    }

    /**
     * Removes a network, its bridge, and the rule by which its containers reached beyond the host. Whether containers use it is
     * for the caller to know.
     *
     * @throws EngineException INVALID_ARGUMENT for the default network, NO_SUCH_NETWORK if nothing defines it
     */
    public void remove(String nameOrId) {
        call("remove network " + nameOrId, () -> {
            creation.remove(nameOrId);
            return nameOrId;
        });
    }

    /**
     * The name of the network with this name, ID or unambiguous beginning of an ID.
     *
     * @throws EngineException NO_SUCH_NETWORK if nothing defines it, INVALID_ARGUMENT if several IDs begin so
     */
    public String find(String nameOrId) {
        return call(
                "look up network " + nameOrId, () -> definitions.find(nameOrId).name());
    }

    /**
     * Every network of the root, as {@code network ls} and {@code network inspect} show it in podman's JSON: {@code name},
     * {@code id}, {@code driver}, {@code network_interface}, {@code created}, {@code subnets} and more. The default network is
     * among them even if nothing has used it yet.
     */
    public List<ObjectNode> list() {
        return call(
                "list networks",
                () -> definitions.list().stream()
                        .map(NetworkDefinition::inspect)
                        .toList());
    }

    /**
     * One network in the form of {@link #list}, by name, ID or unambiguous beginning of an ID.
     *
     * @throws EngineException NO_SUCH_NETWORK if nothing defines it
     */
    public ObjectNode inspect(String nameOrId) {
        return call(
                "read network \"" + nameOrId + "\"",
                () -> definitions.find(nameOrId).inspect());
    }

    /** The inside of a call. */
    private interface Task<T> {
        T run() throws IOException, InterruptedException;
    }

    private static <T> T call(String task, Task<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.IO, "cannot " + task + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.CANCELLED, "cannot " + task + ": interrupted", e);
        }
    }
}
