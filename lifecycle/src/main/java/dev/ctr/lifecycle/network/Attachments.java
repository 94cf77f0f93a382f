package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.BootId;
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
 * Attaches containers to networks and detaches them. What is about to be made stands in the container's {@link AttachmentRecord}
 * before it is made and until it has been undone.
 *
 * @param definitions the root's networks
 * @param plugins the installed plugins
 * @param rootHash distinguishes containers of this root from those of another that have the same ID, as a moved one has
 */
record Attachments(NetworkDefinitions definitions, CniPlugins plugins, String rootHash) {
    private static final Path OWN_NAMESPACE = Path.of("/proc/thread-self/ns/net");

    /**
     * Attaches a container that no network has yet, or undoes all.
     *
     * @param held whether its interfaces are to be kept off bridges that others may be on
     */
    Map<String, NetworkStatus> attach(NetworkAttachment attachment, boolean held) throws IOException {
        if (attachment.networks().isEmpty() && attachment.ports().isEmpty()) {
            startLoopback(attachment).await();
            return Map.of();
        }
        AttachmentPlan plan = new AttachmentPlan(attachment, definitions, HostLedger.ofThisHost(), List.of());
        List<AttachedNetwork> networks =
                held ? Parking.park(plan.networks(), attachment.containerId() + "-" + rootHash) : plan.networks();
        requirePlugins(attachment, networks);
        Path stateDirectory = attachment.stateDirectory();
        AttachmentRecord empty = emptyRecord(plan);
        try {
            empty.write(stateDirectory);
            plan.ledger().claim(empty.containerId(), stateDirectory, attachment.ports());
            PluginRun loopback = startLoopback(attachment);
            AttachmentRecord record = join(plan, empty, networks);
            loopback.await();
            return record.statuses();
        } catch (EngineException | IOException e) {
            detachAfter(e, stateDirectory);
            throw e;
        }
    }

    /** Makes sure, before anything is touched, that every plugin is installed: one that is not could not undo anything either. */
    void requirePlugins(NetworkAttachment attachment, List<AttachedNetwork> networks) {
        for (AttachedNetwork network : networks) {
            try {
                for (ObjectNode plugin : network.plugins()) {
                    plugins.require(plugin.path("type").asText());
                    if (plugin.path("ipam").has("type")) {
                        plugins.require(plugin.path("ipam").path("type").asText());
                    }
                }
            } catch (EngineException e) {
                throw failed(attachment, network, e);
            }
        }
    }

    private static EngineException failed(NetworkAttachment attachment, AttachedNetwork network, EngineException e) {
        return new EngineException(
                e.code(),
                "cannot attach container " + attachment.containerName() + " to network \"" + network.name() + "\": "
                        + e.getMessage(),
                e);
    }

    AttachmentRecord emptyRecord(AttachmentPlan plan) throws IOException {
        return new AttachmentRecord(
                BootId.current(),
                plan.attachment().containerId() + "-" + rootHash,
                plan.attachment().namespace(),
                plan.ledger().directory(),
                List.of(),
                false);
    }

    /** Joins networks besides those that a record has, and writes the record as it grows. */
    AttachmentRecord join(AttachmentPlan plan, AttachmentRecord standing, List<AttachedNetwork> networks)
            throws IOException {
        NetworkAttachment attachment = plan.attachment();
        NetworkClaims claims = new NetworkClaims(plan.ledger(), rootHash);
        Map<Masquerade, Process> looks = new LinkedHashMap<>();
        AttachmentRecord record = standing;
        for (AttachedNetwork network : networks) {
            NetworkDefinition definition = definitions.get(network.name());
            claims.ensure(definition, definitions.file(network.name()));
            record = record.plus(network);
        }
        record.write(attachment.stateDirectory());
        for (AttachedNetwork network : networks) {
            Masquerade.of(definitions.get(network.name()))
                    .forEach(masquerade -> looks.put(masquerade, masquerade.look()));
        }
        PluginChain chain = chain(record);
        for (AttachedNetwork network : networks) {
            AttachmentRecord before = record;
            record = record.with(join(
                    chain, network, attachment, changed -> before.with(changed).write(attachment.stateDirectory())));
        }
        for (Map.Entry<Masquerade, Process> look : looks.entrySet()) {
            look.getKey().ensure(look.getValue(), plan.ledger());
        }
        return record;
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
            throw failed(attachment, network, e);
        }
    }

    /** Undoes an attachment, however far it got. */
    void detach(Path stateDirectory) throws IOException, InterruptedException {
        Optional<AttachmentRecord> record = AttachmentRecord.read(stateDirectory);
        if (record.isEmpty()) {
            return;
        }
        if (record.get().bootId().equals(BootId.current())) {
            undo(record.get(), stateDirectory);
        } else {
            AttachmentRecord.delete(stateDirectory);
        }
    }

    /** Undoes a failed attachment even if the thread has been interrupted: that is when it is needed. */
    private void detachAfter(Exception failure, Path stateDirectory) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            detach(stateDirectory);
        } catch (EngineException | IOException e) {
            failure.addSuppressed(e);
        } catch (InterruptedException e) {
            wasInterrupted = true;
            failure.addSuppressed(e);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void undo(AttachmentRecord record, Path stateDirectory) throws IOException, InterruptedException {
        HostLedger ledger = new HostLedger(record.ledger());
        new NameLedger(ledger, rootHash(record)).withdraw(record.containerId());
        awaitOrphans(record);
        record.incomplete().write(stateDirectory);
        leaveAll(record);
        Parking.clear(record.networks());
        ledger.release(record.containerId());
        AttachmentRecord.delete(stateDirectory);
    }

    /** The root whose container it is: whoever detaches may be another. */
    static String rootHash(AttachmentRecord record) {
        return record.containerId().substring(record.containerId().lastIndexOf('-') + 1);
    }

    /** Waits for plugins that a process which was killed had started for the container. */
    static void awaitOrphans(AttachmentRecord record) throws IOException, InterruptedException {
        if (!record.isComplete()) {
            PluginRun.awaitOrphans(record.containerId());
        }
    }

    private void leaveAll(AttachmentRecord record) throws IOException {
        PluginChain chain = chain(record);
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

    /** A namespace that is gone has no name for plugins: they then release what they hold on the host. */
    PluginChain chain(AttachmentRecord record) throws IOException {
        String namespace = isNamespace(record.namespace()) ? record.namespace().toString() : "";
        return new PluginChain(plugins, record.containerId(), namespace, new HostLedger(record.ledger()));
    }

    /** Whether a file holds a namespace: once unmounted, a plain file may stay in its place. */
    private static boolean isNamespace(Path file) throws IOException {
        return Files.exists(file)
                && Files.getAttribute(file, "unix:dev").equals(Files.getAttribute(OWN_NAMESPACE, "unix:dev"));
    }

    private PluginRun startLoopback(NetworkAttachment attachment) {
        ObjectNode configuration = JsonNodeFactory.instance
                .objectNode()
                .put("cniVersion", NetworkDefinition.CNI_VERSION)
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
}
