package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.IoWork;
import dev.ctr.lifecycle.network.AttachmentRecord.AttachedNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Runs the plugins of one network for one container: on ADD each gets the result of the one before it, on DEL they run in
 * reverse order, each with the last result of the ADD (CNI specification 0.4.0, "Network Configuration Lists").
 *
 * @param plugins the installed plugins
 * @param containerId the container's identity towards them
 * @param namespace the file of the container's network namespace; empty if it is gone
 * @param ledger of the host whose packet filter they change
 */
record PluginChain(CniPlugins plugins, String containerId, String namespace, HostLedger ledger) {
    /**
     * Plugins that only add packet filter rules and hand on the result as they got it. Neighbours of this kind run at the same
     * time, which makes the chain as long as the slower one of them. Those of different containers do not: each looks whether
     * the chains that all containers share are there and makes them if not (firewall 1.1 {@code ensureChain}), and the second
     * of two fails.
     */
    private static final Set<String> RULES_ONLY = Set.of("portmap", "firewall");

    /** Plugins that undo their own work from the last result alone, whatever the others have already undone. */
    private static final Set<String> INDEPENDENT_ON_DELETE = Set.of("bridge", "portmap", "firewall");

    /** Told of what has been made, before more is. */
    interface Progress {
        void made(AttachedNetwork network) throws IOException;
    }

    /** @throws EngineException RUNTIME with the words of the first plugin that failed; the ones before it stay in effect */
    AttachedNetwork add(AttachedNetwork network, Progress progress) throws IOException {
        AttachedNetwork current = network;
        List<List<ObjectNode>> groups = groups(network.plugins());
        for (int group = 0; group < groups.size(); group++) {
            List<ObjectNode> results = add(groups.get(group), current);
            ObjectNode last = results.get(results.size() - 1);
            current = current.withResult(last.isEmpty() ? current.result() : last, group == groups.size() - 1);
            progress.made(current);
        }
        return current;
    }

    private List<ObjectNode> add(List<ObjectNode> group, AttachedNetwork network) throws IOException {
        IoWork<List<ObjectNode>> work = () -> awaitAll(start(CniPlugins.Command.ADD, group, network));
        return onlyRules(group) ? ledger.changingRules(work) : work.run();
    }

    private static boolean onlyRules(List<ObjectNode> group) {
        return group.stream().allMatch(plugin -> RULES_ONLY.contains(type(plugin)));
    }

    /** Undoes whatever {@link #add} has or may have made; a failing plugin does not keep the others from running. */
    Optional<EngineException> delete(AttachedNetwork network) {
        Optional<EngineException> failure = Optional.empty();
        for (List<ObjectNode> group : groupsToDelete(network.plugins())) {
            try {
                awaitAll(start(CniPlugins.Command.DEL, group, network));
            } catch (EngineException e) {
                failure.ifPresent(e::addSuppressed);
                failure = Optional.of(e);
            }
        }
        return failure;
    }

    /**
     * Makes the packet filter rules of a network anew, whatever is left of them; the interface and its addresses are not touched.
     *
     * @throws EngineException RUNTIME with the words of the first plugin that failed
     */
    void renewRules(AttachedNetwork network) throws IOException {
        for (List<ObjectNode> group : groups(network.plugins())) {
            if (onlyRules(group)) {
                start(CniPlugins.Command.DEL, group, network).forEach(PluginRun::awaitQuietly);
                add(group, network);
            }
        }
    }

    private List<PluginRun> start(CniPlugins.Command command, List<ObjectNode> group, AttachedNetwork network) {
        CniPlugins.Target target =
                new CniPlugins.Target(containerId, namespace, network.interfaceName(), network.arguments());
        List<PluginRun> runs = new ArrayList<>();
        try {
            for (ObjectNode plugin : group) {
                ObjectNode configuration = plugin.deepCopy();
                if (!network.result().isEmpty()) {
                    configuration.set("prevResult", network.result());
                }
                runs.add(plugins.start(command, configuration, target));
            }
            return runs;
        } catch (EngineException e) {
            runs.forEach(PluginRun::awaitQuietly);
            throw e;
        }
    }

    private static List<ObjectNode> awaitAll(List<PluginRun> runs) {
        List<ObjectNode> results = new ArrayList<>();
        for (PluginRun run : runs) {
            try {
                results.add(run.await());
            } catch (EngineException e) {
                runs.subList(results.size() + 1, runs.size()).forEach(PluginRun::awaitQuietly);
                throw e;
            }
        }
        return results;
    }

    private static List<List<ObjectNode>> groupsToDelete(List<ObjectNode> plugins) {
        if (plugins.stream().allMatch(plugin -> INDEPENDENT_ON_DELETE.contains(type(plugin)))) {
            return List.of(plugins);
        }
        List<List<ObjectNode>> groups = new ArrayList<>(groups(plugins));
        Collections.reverse(groups);
        return groups;
    }

    private static List<List<ObjectNode>> groups(List<ObjectNode> plugins) {
        List<List<ObjectNode>> groups = new ArrayList<>();
        boolean previousIsRulesOnly = false;
        for (ObjectNode plugin : plugins) {
            boolean isRulesOnly = RULES_ONLY.contains(type(plugin));
            if (isRulesOnly && previousIsRulesOnly) {
                groups.get(groups.size() - 1).add(plugin);
            } else {
                groups.add(new ArrayList<>(List.of(plugin)));
            }
            previousIsRulesOnly = isRulesOnly;
        }
        return groups;
    }

    private static String type(ObjectNode plugin) {
        return plugin.path("type").asText();
    }
}
