package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.AttachmentRecord.AttachedNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
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
    private static final Path OWN_NAMESPACE = Path.of("/proc/thread-self/ns/net");

    private final NetworkDefinitions definitions;
    private final CniPlugins plugins;

    /** Distinguishes containers of this root from those of another that have the same ID, as a moved one has. */
    private final String rootHash;

    /** @param root the engine's root; network definitions are kept in {@code networks} below it */
    public Networks(Path root) {
        this(root, CniPlugins.of(System.getenv()));
    }

    Networks(Path root, CniPlugins plugins) {
        this.definitions = new NetworkDefinitions(root.resolve("networks"));
        this.plugins = plugins;
        this.rootHash = NetworkDefinition.sha256(
                        root.toAbsolutePath().normalize().toString())
                .substring(0, ROOT_HASH_DIGITS);
    }

    /**
     * Brings up {@code lo} in a container's network namespace and joins it to its networks. If that fails, everything made on
     * the way is undone. If an earlier attachment is recorded in the same state directory, as after a crash, it is undone first.
     *
     * @return what it got from each network, in the order asked for
     * @throws EngineException INVALID_ARGUMENT if a wish makes no sense, NO_SUCH_NETWORK, ALREADY_EXISTS if an address is taken,
     *     IN_USE if a host port is taken, RUNTIME if a plugin is missing or fails, IO if a file cannot be read or written
     */
    public Map<String, NetworkStatus> attach(NetworkAttachment attachment) {
        Path stateDirectory = attachment.stateDirectory();
        detach(stateDirectory);
        try {
            if (attachment.networks().isEmpty()) {
                startLoopback(attachment).await();
                return Map.of();
            }
            HostLedger ledger = HostLedger.ofThisHost();
            AttachmentPlan plan = new AttachmentPlan(attachment, definitions, ledger);
            return make(plan, newRecord(plan));
        } catch (IOException e) {
            throw failed("attach container " + attachment.containerName() + " to its networks", e);
        }
    }

    /**
     * Undoes an attachment, however far it got: addresses, packet filter rules, interfaces and claims on host ports. Without a
     * record in the state directory, nothing happens. The network namespace may be gone already.
     *
     * @throws EngineException RUNTIME if a plugin fails, IO if a file cannot be read or written; the record is kept, so that
     *     the call can be repeated
     */
    public void detach(Path stateDirectory) {
        String task = "detach the container of " + stateDirectory + " from its networks";
        try {
            Optional<AttachmentRecord> record = AttachmentRecord.read(stateDirectory);
            if (record.isEmpty()) {
                return;
            }
            if (record.get().bootId().equals(HostLedger.bootId())) {
                undo(record.get(), stateDirectory);
            } else {
                AttachmentRecord.delete(stateDirectory);
            }
        } catch (IOException e) {
            throw failed(task, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.CANCELLED, "cannot " + task + ": interrupted", e);
        }
    }

    /**
     * Chooses free host ports for the mappings that ask for any, and checks all of them. The ports are not reserved before
     * {@link #attach}.
     *
     * @throws EngineException INVALID_ARGUMENT if mappings exclude each other, IN_USE if no free port is found
     */
    public List<PortMapping> assignHostPorts(List<PortMapping> mappings) {
        List<PortMapping> assigned = new ArrayList<>(PortMapping.merge(mappings));
        try {
            for (int index = 0; index < assigned.size(); index++) {
                if (assigned.get(index).hostPort() == 0) {
                    assigned.set(index, HostLedger.ofThisHost().chooseHostPorts(assigned.get(index), assigned));
                }
            }
            return List.copyOf(assigned);
        } catch (IOException e) {
            throw failed("choose free host ports", e);
        }
    }

    /**
     * Every network of the root, as {@code network ls} and {@code network inspect} show it in podman's JSON: {@code name},
     * {@code id}, {@code driver}, {@code network_interface}, {@code created}, {@code subnets} and more. The default network is
     * among them even if nothing has used it yet.
     */
    public List<ObjectNode> list() {
        try {
            return definitions.list().stream().map(NetworkDefinition::inspect).toList();
        } catch (IOException e) {
            throw failed("list networks", e);
        }
    }

    /**
     * One network in the form of {@link #list}.
     *
     * @throws EngineException NO_SUCH_NETWORK if nothing defines it
     */
    public ObjectNode inspect(String name) {
        try {
            return definitions.get(name).inspect();
        } catch (IOException e) {
            throw failed("read network \"" + name + "\"", e);
        }
    }

    private AttachmentRecord newRecord(AttachmentPlan plan) throws IOException {
        return new AttachmentRecord(
                HostLedger.bootId(),
                plan.attachment().containerId() + "-" + rootHash,
                plan.attachment().namespace(),
                plan.ledger().directory(),
                plan.networks());
    }

    private Map<String, NetworkStatus> make(AttachmentPlan plan, AttachmentRecord planned) throws IOException {
        NetworkAttachment attachment = plan.attachment();
        Path stateDirectory = attachment.stateDirectory();
        try {
            planned.withoutNetworks().write(stateDirectory);
            plan.ledger().claim(planned.containerId(), stateDirectory, attachment.ports());
            planned.write(stateDirectory);
            PluginRun loopback = startLoopback(attachment);
            Map<Masquerade, Process> looks = new LinkedHashMap<>();
            plan.masquerades().forEach(masquerade -> looks.put(masquerade, masquerade.look()));
            Map<String, NetworkStatus> statuses = joinAll(attachment, planned);
            for (Map.Entry<Masquerade, Process> look : looks.entrySet()) {
                look.getKey().ensure(look.getValue(), plan.ledger());
            }
            loopback.await();
            return statuses;
        } catch (EngineException | IOException e) {
            detachAfter(e, stateDirectory);
            throw e;
        }
    }

    private Map<String, NetworkStatus> joinAll(NetworkAttachment attachment, AttachmentRecord planned)
            throws IOException {
        Path stateDirectory = attachment.stateDirectory();
        PluginChain chain = new PluginChain(
                plugins, planned.containerId(), planned.namespace().toString());
        Map<String, NetworkStatus> statuses = new LinkedHashMap<>();
        AttachmentRecord record = planned;
        for (AttachedNetwork network : planned.networks()) {
            AttachmentRecord before = record;
            AttachedNetwork joined = join(
                    chain, network, attachment, changed -> before.with(changed).write(stateDirectory));
            record = record.with(joined);
            statuses.put(joined.name(), NetworkStatus.fromCniResult(joined.result()));
        }
        return Collections.unmodifiableMap(statuses);
    }

    private static AttachedNetwork join(
            PluginChain chain, AttachedNetwork network, NetworkAttachment attachment, PluginChain.Progress progress)
            throws IOException {
        try {
            return chain.add(network, progress);
        } catch (EngineException e) {
            NetworkOptions options = attachment.networks().get(network.name());
            if (String.valueOf(e.getMessage()).contains("requested IP address") && options != null) {
                String addresses = String.join(", ", options.staticIps());
                throw AttachmentPlan.addressTaken(attachment, network.name(), addresses, "another container has it");
            }
            throw new EngineException(
                    e.code(),
                    "cannot attach container " + attachment.containerName() + " to network \"" + network.name() + "\": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Undoes a failed attachment even if the thread has been interrupted: that is when it is needed. */
    private void detachAfter(Exception failure, Path stateDirectory) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            detach(stateDirectory);
        } catch (EngineException e) {
            failure.addSuppressed(e);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void undo(AttachmentRecord record, Path stateDirectory) throws IOException, InterruptedException {
        if (!record.isComplete()) {
            PluginRun.awaitOrphans(record.containerId());
        }
        record.incomplete().write(stateDirectory);
        leave(record);
        new HostLedger(record.ledger()).release(record.containerId());
        AttachmentRecord.delete(stateDirectory);
    }

    /** A namespace that is gone has no name for plugins: they then release what they hold on the host. */
    private void leave(AttachmentRecord record) throws IOException {
        String namespace = isNamespace(record.namespace()) ? record.namespace().toString() : "";
        PluginChain chain = new PluginChain(plugins, record.containerId(), namespace);
        List<AttachedNetwork> networks = new ArrayList<>(record.networks());
        Collections.reverse(networks);
        Optional<EngineException> failure = Optional.empty();
        for (AttachedNetwork network : networks) {
            Optional<EngineException> another = chain.delete(network);
            failure.ifPresent(first -> another.ifPresent(first::addSuppressed));
            failure = failure.or(() -> another);
        }
        failure.ifPresent(e -> {
            throw e;
        });
    }

    /** Whether a file holds a namespace: once unmounted, a plain file may stay in its place. */
    private static boolean isNamespace(Path file) throws IOException {
        return Files.exists(file)
                && Files.getAttribute(file, "unix:dev").equals(Files.getAttribute(OWN_NAMESPACE, "unix:dev"));
    }

    private PluginRun startLoopback(NetworkAttachment attachment) {
        ObjectNode configuration = JsonNodeFactory.instance
                .objectNode()
                .put("cniVersion", "0.4.0")
                .put("name", "lo")
                .put("type", "loopback");
        return plugins.start(
                CniPlugins.Command.ADD,
                configuration,
                new CniPlugins.Target(
                        attachment.containerId() + "-" + rootHash,
                        attachment.namespace().toString(),
                        "lo",
                        "IgnoreUnknown=1"));
    }

    private static EngineException failed(String task, IOException e) {
        return new EngineException(EngineException.Code.IO, "cannot " + task + ": " + e.getMessage(), e);
    }
}
