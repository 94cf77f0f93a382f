package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.AttachmentRecord.AttachedNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Changes the networks of a container that has its network namespace already. A change that was killed half-way is undone, or
 * done again, by the next one or by the container's end.
 *
 * @param attachments makes and undoes
 */
record AttachmentChanges(Attachments attachments) {

    /** Joins one more network; one that is joined already is left as it is. */
    Map<String, NetworkStatus> connect(NetworkAttachment attachment) throws IOException, InterruptedException {
        Path stateDirectory = attachment.stateDirectory();
        String name = attachment.networks().keySet().iterator().next();
        AttachmentRecord standing = forget(name, false, stateDirectory, attachment);
        if (standing.network(name).isPresent()) {
            return standing.statuses();
        }
        AttachmentPlan plan = new AttachmentPlan(
                attachment, attachments.definitions(), new HostLedger(standing.ledger()), standing.networks());
        List<AttachedNetwork> networks = plan.networks();
        attachments.requirePlugins(attachment, networks);
        try {
            standing.write(stateDirectory);
            if (standing.networks().isEmpty()) {
                plan.ledger().claim(standing.containerId(), stateDirectory, attachment.ports());
            }
            return attachments.join(plan, standing, networks).statuses();
        } catch (EngineException | IOException e) {
            forgetAfter(e, name, stateDirectory, attachment);
            throw e;
        }
    }

    /** Leaves a network; one that is not joined is not missed. */
    Map<String, NetworkStatus> disconnect(NetworkAttachment attachment) throws IOException, InterruptedException {
        String name = attachment.networks().keySet().iterator().next();
        return forget(name, true, attachment.stateDirectory(), attachment).statuses();
    }

    private void forgetAfter(Exception failure, String name, Path stateDirectory, NetworkAttachment attachment) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            forget(name, true, stateDirectory, attachment);
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

    /** The record without a network that is half made or, if asked, with it undone though it is whole. */
    private AttachmentRecord forget(String name, boolean evenIfWhole, Path stateDirectory, NetworkAttachment attachment)
            throws IOException, InterruptedException {
        Optional<AttachmentRecord> found = AttachmentRecord.read(stateDirectory);
        if (found.isEmpty()) {
            return attachments.emptyRecord(
                    new AttachmentPlan(attachment, attachments.definitions(), HostLedger.ofThisHost(), List.of()));
        }
        AttachmentRecord record = found.get();
        Optional<AttachedNetwork> network = record.network(name);
        if (network.isEmpty() || (network.get().complete() && !evenIfWhole)) {
            return record;
        }
        Attachments.awaitOrphans(record);
        record.with(network.get().withResult(network.get().result(), false)).write(stateDirectory);
        Optional<EngineException> failure = attachments.chain(record).delete(network.get());
        if (failure.isPresent()) {
            throw failure.get();
        }
        AttachmentRecord without = record.without(name);
        without.write(stateDirectory);
        return without;
    }

    /** Makes the packet filter rules anew; interfaces, addresses and connections stay. */
    Map<String, NetworkStatus> reload(Path stateDirectory) throws IOException, InterruptedException {
        Optional<AttachmentRecord> found = AttachmentRecord.read(stateDirectory);
        if (found.isEmpty()) {
            return Map.of();
        }
        AttachmentRecord record = found.get();
        Attachments.awaitOrphans(record);
        List<AttachedNetwork> whole =
                record.networks().stream().filter(AttachedNetwork::complete).toList();
        Map<Masquerade, Process> looks = new LinkedHashMap<>();
        for (AttachedNetwork network : whole) {
            Masquerade.of(attachments.definitions().get(network.name()))
                    .forEach(masquerade -> looks.put(masquerade, masquerade.look()));
        }
        record.renewing(true).write(stateDirectory);
        PluginChain chain = attachments.chain(record);
        for (AttachedNetwork network : whole) {
            chain.renewRules(network);
        }
        record.renewing(false).write(stateDirectory);
        for (Map.Entry<Masquerade, Process> look : looks.entrySet()) {
            look.getKey().ensure(look.getValue(), new HostLedger(record.ledger()));
        }
        return record.statuses();
    }
}
