package dev.ctr.agent;

import io.grpc.Metadata;

/** What both sides of every call keep to. */
public final class Protocol {
    /** The version that this ctr speaks. */
    public static final int VERSION = 1;

    /** Where both sides say their version: a decimal number. */
    static final Metadata.Key<String> VERSION_KEY = Metadata.Key.of("ctr-protocol", Metadata.ASCII_STRING_MARSHALLER);

    /** The largest message that either side takes; a chunk of data with what belongs to it must fit. */
    public static final int LARGEST_MESSAGE_BYTES = 4 << 20;

    static final int LARGEST_METADATA_BYTES = 16 << 10;

    /** How much may be under way in one direction of one stream before the receiver has taken it. */
    static final int FLOW_WINDOW_BYTES = 4 << 20;

    private Protocol() {}
}
