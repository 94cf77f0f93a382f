package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The packet filter rule by which all containers of a bridge network reach what is beyond it under the host's address. It
 * stands in for the bridge plugin's {@code ipMasq}, which adds a chain per container: that costs 20 ms at ADD and 55 ms at DEL, and
 * the plugin (1.1) leaves its chain behind when the container's namespace is gone. The rule stays until the host reboots.
 *
 * @param network the network's name
 * @param subnet the addresses to hide
 * @param bridge the interface behind which they are not hidden
 */
record Masquerade(String network, Subnet subnet, String bridge) {
    private static final long PATIENCE_SECONDS = 60;

    /** The rules of a network, one for each of its subnets; none if its addresses are not to be hidden. */
    static Stream<Masquerade> of(NetworkDefinition definition) {
        return definition.plugins().stream()
                .filter(plugin -> isWantedBy(definition, plugin))
                .map(plugin -> plugin.path("bridge").asText(NetworkDefinition.DEFAULT_BRIDGE))
                .flatMap(bridge -> definition.ranges().stream()
                        .map(range -> new Masquerade(definition.name(), range.subnet(), bridge)));
    }

    /** Whether a rule stands in for what a plugin of the network would do. */
    static boolean isWantedBy(NetworkDefinition definition, ObjectNode plugin) {
        return plugin.path("type").asText().equals("bridge")
                && plugin.path("ipMasq").asBoolean(false)
                && !definition.ranges().isEmpty();
    }

    /** Looks whether the rule stands; to be awaited with {@link #ensure}. Changes nothing. */
    Process look() {
        return start("-C");
    }

    /**
     * Adds the rule if it does not stand.
     *
     * @param look the answer of {@link #look}
     * @throws EngineException RUNTIME if iptables fails
     */
    void ensure(Process look, HostLedger ledger) throws IOException {
        if (await(look) == 0) {
            return;
        }
        ledger.exclusively(() -> {
            if (await(start("-C")) != 0) {
                Process add = start("-A");
                if (await(add) != 0) {
                    throw failed(output(add));
                }
            }
            return this;
        });
    }

    /** Removes the rule, if it stands. */
    void remove() {
        await(start("-D"));
    }

    private Process start(String action) {
        List<String> command = new ArrayList<>();
        command.add(AddressLiteral.isVersion4(subnet.network()) ? "iptables" : "ip6tables");
        command.addAll(List.of("--wait", "-t", "nat", action, "POSTROUTING"));
        command.addAll(List.of("-s", subnet.toString(), "!", "-o", bridge));
        command.addAll(List.of("-m", "comment", "--comment", "ctr network " + network, "-j", "MASQUERADE"));
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw failed(e.getMessage() + "; install iptables");
        }
    }

    private int await(Process process) {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw failed("iptables did not end within " + PATIENCE_SECONDS + " seconds and was killed");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(
                    EngineException.Code.CANCELLED, "interrupted while iptables was at work for " + network, e);
        }
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private EngineException failed(String reason) {
        return new EngineException(
                EngineException.Code.RUNTIME,
                "cannot let containers of network \"" + network + "\" reach beyond the host: " + reason);
    }
}
