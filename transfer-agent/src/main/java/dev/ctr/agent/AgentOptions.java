package dev.ctr.agent;

import dev.ctr.agent.metrics.Metrics;
import io.grpc.BindableService;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * How an agent is to be started.
 *
 * @param listen where it listens; port 0 for any free one
 * @param identity who it is, and whose word counts for who others are
 * @param allowed the names of the peers that it serves, in lower case; empty for every peer with a certificate of the
 *     authority
 * @param limits how much its peers may take
 * @param metrics where it counts
 * @param services what it serves
 */
public record AgentOptions(
        HostAndPort listen,
        Identity identity,
        Set<String> allowed,
        AgentLimits limits,
        Metrics metrics,
        List<BindableService> services) {

    public AgentOptions {
        TreeSet<String> names = new TreeSet<>();
        allowed.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        allowed = Set.copyOf(names);
        services = List.copyOf(services);
    }

    /** For every peer of the authority, within the usual limits, with no service but health. */
    public static AgentOptions of(HostAndPort listen, Identity identity) {
        return new AgentOptions(listen, identity, Set.of(), AgentLimits.DEFAULT, new Metrics(), List.of());
    }

    /** The same for these peers only; for everybody if there are none. */
    public AgentOptions withAllowed(Set<String> names) {
        return new AgentOptions(listen, identity, names, limits, metrics, services);
    }

    public AgentOptions withLimits(AgentLimits others) {
        return new AgentOptions(listen, identity, allowed, others, metrics, services);
    }

    public AgentOptions withMetrics(Metrics others) {
        return new AgentOptions(listen, identity, allowed, limits, others, services);
    }

    /** The same with one more service. Inside its calls {@link Peer#current} tells who calls. */
    public AgentOptions withService(BindableService service) {
        List<BindableService> more = new ArrayList<>(services);
        more.add(service);
        return new AgentOptions(listen, identity, allowed, limits, metrics, more);
    }
}
