package dev.ctr.agent;

import io.grpc.Context;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;

/**
 * Who is at the other end of a call, proven by its certificate.
 *
 * @param names the certificate's DNS names and IP addresses, in its order; at least one
 * @param address where the connection comes from, for people
 */
public record Peer(List<String> names, String address) {
    static final Context.Key<Peer> KEY = Context.key("ctr-peer");

    public Peer {
        names = List.copyOf(names);
    }

    static Peer of(List<String> names, SocketAddress address) {
        String text = String.valueOf(address);
        return new Peer(names, text.startsWith("/") ? text.substring(1) : text);
    }

    /**
     * The caller of the call that this thread serves. In threads that a service starts itself it is known only if they run
     * in the call's {@link Context}.
     *
     * @throws IllegalStateException outside a call
     */
    public static Peer current() {
        Peer peer = KEY.get();
        if (peer == null) {
            throw new IllegalStateException("This thread does not serve an agent's call");
        }
        return peer;
    }

    /** The first of its names, by which it is called in journals and messages. */
    public String name() {
        return names.get(0);
    }

    boolean isOneOf(Set<String> allowed) {
        return names.stream().anyMatch(allowed::contains);
    }

    @Override
    public String toString() {
        return String.join(",", names) + " (" + address + ")";
    }
}
