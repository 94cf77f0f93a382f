package dev.ctr.cli.archive;

import dev.ctr.criu.image.OpenFile;
import dev.ctr.criu.image.OpenFile.Inet;
import dev.ctr.criu.image.OpenFile.Memory;
import dev.ctr.criu.image.OpenFile.Netlink;
import dev.ctr.criu.image.OpenFile.Other;
import dev.ctr.criu.image.OpenFile.Packet;
import dev.ctr.criu.image.OpenFile.Pipe;
import dev.ctr.criu.image.OpenFile.Regular;
import dev.ctr.criu.image.OpenFile.Terminal;
import dev.ctr.criu.image.OpenFile.Unix;

/** Open files in words. */
final class FileText {
    private static final int ACCESS_MODE = 3;

    private FileText() {}

    /** What it is, in the form that the kernel's links below /proc/PID/fd have where they have one. */
    static String path(OpenFile file) {
        if (file instanceof Regular regular) {
            return regular.path() + (regular.deleted() ? " (deleted)" : "");
        }
        if (file instanceof Pipe pipe) {
            return pipe.name().isEmpty() ? "pipe:[" + pipe.pipe() + "]" : pipe.name();
        }
        if (file instanceof Memory memory) {
            return "/memfd:" + memory.name();
        }
        if (file instanceof Terminal terminal) {
            return terminal.name();
        }
        return file.isSocket() ? socket(file) : ((Other) file).detail();
    }

    /** What is to be known of it besides; empty for nothing. */
    static String detail(OpenFile file) {
        if (file instanceof Regular regular) {
            String position = regular.position() > 0 ? " at " + regular.position() : "";
            return access(regular.flags()) + position + (regular.size() > 0 ? " of " + regular.size() + " B" : "");
        }
        if (file instanceof Pipe pipe) {
            return (pipe.writing() ? "w" : "r") + (pipe.buffered() > 0 ? ", holds " + pipe.buffered() + " B" : "");
        }
        if (file instanceof Memory memory) {
            return "at " + memory.position() + " of " + memory.size() + " B";
        }
        return file.isSocket() ? queues(file) : "";
    }

    private static String access(int flags) {
        return switch (flags & ACCESS_MODE) {
            case 0 -> "r";
            case 1 -> "w";
            default -> "rw";
        };
    }

    /** Both on one line. */
    static String of(OpenFile file) {
        String detail = detail(file);
        return path(file) + (detail.isEmpty() ? "" : " (" + detail + ")");
    }

    private static String socket(OpenFile file) {
        if (file instanceof Inet inet) {
            boolean connected = inet.remote().port() != 0;
            return inet.protocol() + " " + inet.local() + (connected ? " -> " + inet.remote() : "") + " "
                    + inet.state();
        }
        if (file instanceof Unix unix) {
            String name = unix.name().isEmpty() ? "[" + unix.inode() + "]" : unix.name();
            return "UNIX " + unix.type() + " " + name + (unix.peer() == 0 ? "" : " -> [" + unix.peer() + "]") + " "
                    + unix.state();
        }
        if (file instanceof Packet packet) {
            return "PACKET %s protocol 0x%04x interface %d"
                    .formatted(packet.type(), packet.protocol(), packet.networkInterface());
        }
        return file instanceof Netlink netlink
                ? "NETLINK protocol %d port %d".formatted(netlink.protocol(), netlink.port())
                : "";
    }

    private static String queues(OpenFile file) {
        long received =
                file instanceof Inet inet ? inet.receiveQueue() : file instanceof Unix unix ? unix.receiveQueue() : 0;
        long sent = file instanceof Inet inet ? inet.sendQueue() : 0;
        return (received > 0 ? "unread " + received + " B" : "")
                + (received > 0 && sent > 0 ? ", " : "")
                + (sent > 0 ? "unconfirmed " + sent + " B" : "");
    }
}
