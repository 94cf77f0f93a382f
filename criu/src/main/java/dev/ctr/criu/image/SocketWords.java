package dev.ctr.criu.image;

/** The kernel's numbers for sockets in words (include/net/tcp_states.h, include/linux/net.h, include/uapi/linux/in.h). */
final class SocketWords {
    private SocketWords() {}

    static String state(int number) {
        return switch (number) {
            case 1 -> "ESTABLISHED";
            case 2 -> "SYN_SENT";
            case 3, 12 -> "SYN_RECV";
            case 4 -> "FIN_WAIT1";
            case 5 -> "FIN_WAIT2";
            case 6 -> "TIME_WAIT";
            case 7 -> "CLOSE";
            case 8 -> "LAST_ACK";
            case 9 -> "CLOSE_WAIT";
            case 10 -> "LISTEN";
            case 11 -> "CLOSING";
            default -> "STATE_" + Integer.toUnsignedString(number);
        };
    }

    static String type(int number) {
        return switch (number) {
            case 1 -> "STREAM";
            case 2 -> "DGRAM";
            case 3 -> "RAW";
            case 5 -> "SEQPACKET";
            default -> "TYPE_" + Integer.toUnsignedString(number);
        };
    }

    static String protocol(int number) {
        return switch (number) {
            case 1 -> "ICMP";
            case 6 -> "TCP";
            case 17 -> "UDP";
            case 58 -> "ICMPV6";
            case 132 -> "SCTP";
            case 136 -> "UDPLITE";
            case 262 -> "MPTCP";
            default -> "PROTOCOL_" + Integer.toUnsignedString(number);
        };
    }
}
