package dev.ctr.criu.image;

/** What a descriptor, or a working directory, refers to. Names are the container's, and may hold any character. */
public sealed interface OpenFile {
    /** Whether it is a socket. */
    default boolean isSocket() {
        return this instanceof Inet || this instanceof Unix || this instanceof Packet || this instanceof Netlink;
    }

    /**
     * A file, directory or device.
     *
     * @param path its name
     * @param position where the next read or write is
     * @param size bytes of a file, 0 for anything else
     * @param flags as open(2) takes them
     * @param deleted whether it has no name any more
     */
    record Regular(String path, long position, long size, int flags, boolean deleted) implements OpenFile {}

    /**
     * One end of a pipe.
     *
     * @param pipe which pipe
     * @param name by which it was opened, empty if it has none
     * @param writing whether this is the end that is written to
     * @param buffered bytes that nobody has read yet
     */
    record Pipe(long pipe, String name, boolean writing, long buffered) implements OpenFile {}

    /**
     * A socket of the internet protocols.
     *
     * @param protocol such as TCP
     * @param state such as LISTEN
     * @param local its own address and port
     * @param remote the peer's; {@code *} as port if there is none
     * @param receiveQueue bytes that have come and nobody has read
     * @param sendQueue bytes that the peer has not confirmed
     */
    record Inet(String protocol, String state, Endpoint local, Endpoint remote, long receiveQueue, long sendQueue)
            implements OpenFile {}

    /**
     * A Unix socket.
     *
     * @param type such as STREAM
     * @param state such as LISTEN
     * @param name its name, beginning with {@code @} if it is abstract; empty if it has none
     * @param inode by which others refer to it
     * @param peer the inode of the other end, 0 if there is none
     * @param receiveQueue bytes that have come and nobody has read
     */
    record Unix(String type, String state, String name, long inode, long peer, long receiveQueue) implements OpenFile {}

    /**
     * A packet socket.
     *
     * @param type such as RAW
     * @param protocol Ethernet's number
     * @param networkInterface the interface's number, 0 for all
     */
    record Packet(String type, int protocol, int networkInterface) implements OpenFile {}

    /**
     * A netlink socket.
     *
     * @param protocol netlink's number
     * @param port its address
     */
    record Netlink(int protocol, long port) implements OpenFile {}

    /**
     * A terminal.
     *
     * @param name such as {@code /dev/pts/0}
     */
    record Terminal(String name) implements OpenFile {}

    /**
     * A file that lives in memory alone.
     *
     * @param name what it was called when it was made
     * @param size bytes
     * @param position where the next read or write is
     */
    record Memory(String name, long size, long position) implements OpenFile {}

    /**
     * Anything else.
     *
     * @param detail what is known of it
     */
    record Other(String detail) implements OpenFile {}
}
