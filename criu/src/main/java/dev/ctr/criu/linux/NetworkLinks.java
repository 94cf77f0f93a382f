package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Network interfaces that the kernel makes and deletes (rtnetlink(7)). */
public final class NetworkLinks {
    private static final int NETLINK_ROUTE = 0;
    private static final short RTM_NEWLINK = 16;
    private static final short RTM_DELLINK = 17;
    private static final short NLMSG_ERROR = 2;

    /** NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE. */
    private static final short FLAGS = 0x1 | 0x4 | 0x200 | 0x400;

    private static final short REQUEST_AND_ACKNOWLEDGE = 0x1 | 0x4;

    private static final short IFLA_IFNAME = 3;
    private static final short IFLA_LINKINFO = 18;
    private static final short IFLA_INFO_KIND = 1;
    private static final int MESSAGE_HEADER = 16;
    private static final int LINK_HEADER = 16;
    private static final int ATTRIBUTE_HEADER = 4;

    private NetworkLinks() {}

    /**
     * Tries to make an interface, in a network namespace that ends with the trial.
     *
     * @param kind such as {@code veth} or {@code bridge}
     * @throws IOException if the trial itself is not possible, as without CAP_SYS_ADMIN
     */
    public static boolean canCreate(String kind) throws IOException, InterruptedException {
        return NetworkNamespace.callInNew(() -> {
            int fd = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, NETLINK_ROUTE);
            if (fd == -1) {
                throw LibC.failure("make a netlink socket");
            }
            try (Descriptor netlink = new Descriptor(fd)) {
                netlink.write(request(kind));
                ByteBuffer answer = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
                netlink.read(answer);
                return answer.getShort(4) == NLMSG_ERROR && answer.getInt(MESSAGE_HEADER) == 0;
            }
        });
    }

    /**
     * Deletes an interface of the calling thread's network namespace.
     *
     * @return whether there was one of this name
     * @throws IOException if the kernel refuses
     */
    public static boolean delete(String name) throws IOException {
        int fd = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, NETLINK_ROUTE);
        if (fd == -1) {
            throw LibC.failure("make a netlink socket");
        }
        try (Descriptor netlink = new Descriptor(fd)) {
            netlink.write(deletion(name));
            ByteBuffer answer = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
            netlink.read(answer);
            int error = answer.getShort(4) == NLMSG_ERROR ? -answer.getInt(MESSAGE_HEADER) : 0;
            if (error != 0 && error != Errno.ENODEV) {
                throw new IOException("cannot delete the interface " + name + ": error " + error);
            }
            return error == 0;
        }
    }

    private static byte[] deletion(String interfaceName) {
        byte[] name = interfaceName.getBytes(StandardCharsets.UTF_8);
        int nameLength = ATTRIBUTE_HEADER + name.length + 1;
        int length = MESSAGE_HEADER + LINK_HEADER + aligned(nameLength);
        return ByteBuffer.allocate(length)
                .order(ByteOrder.nativeOrder())
                .putInt(length)
                .putShort(RTM_DELLINK)
                .putShort(REQUEST_AND_ACKNOWLEDGE)
                .position(MESSAGE_HEADER + LINK_HEADER)
                .putShort((short) nameLength)
                .putShort(IFLA_IFNAME)
                .put(name)
                .array();
    }

    private static byte[] request(String kind) {
        byte[] name = kind.getBytes(StandardCharsets.US_ASCII);
        int nameLength = ATTRIBUTE_HEADER + name.length + 1;
        int infoLength = ATTRIBUTE_HEADER + aligned(nameLength);
        int length = MESSAGE_HEADER + LINK_HEADER + infoLength;
        return ByteBuffer.allocate(length)
                .order(ByteOrder.nativeOrder())
                .putInt(length)
                .putShort(RTM_NEWLINK)
                .putShort(FLAGS)
                .position(MESSAGE_HEADER + LINK_HEADER)
                .putShort((short) infoLength)
                .putShort(IFLA_LINKINFO)
                .putShort((short) nameLength)
                .putShort(IFLA_INFO_KIND)
                .put(name)
                .array();
    }

    private static int aligned(int length) {
        return (length + 3) & ~3;
    }
}
