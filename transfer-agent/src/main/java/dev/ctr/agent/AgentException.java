package dev.ctr.agent;

/** What could not be done with an agent, or as one, as one sentence for people. The {@link Reason} is for programs. */
public final class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** The kinds of failure that callers tell apart. */
    public enum Reason {
        /** A file or an address of this side's own cannot be used. */
        CONFIGURATION,
        /** Nobody answers at the address, or the connection broke. */
        UNREACHABLE,
        /** Somebody answers, but not as an agent does. */
        NOT_AN_AGENT,
        /** The other side's certificate comes from an authority that is not ours. */
        UNTRUSTED,
        /** The other side's certificate is out of its time. */
        EXPIRED,
        /** The other side's certificate is another host's. */
        WRONG_NAME,
        /** The other side does not accept our certificate. */
        NOT_ACCEPTED,
        /** The other side knows us, and does not serve us. */
        NOT_ALLOWED,
        /** The two sides speak different versions of the protocol. */
        PROTOCOL_VERSION,
        /** No answer in time. */
        TIMEOUT,
        /** The other side tried and failed; the message is its own. */
        FAILED
    }

    public AgentException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public AgentException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
