package dev.ctr.lifecycle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Linux capabilities by name, as the OCI specification writes them. */
final class Capabilities {
    /** By number, from include/uapi/linux/capability.h. */
    private static final List<String> ALL = Arrays.stream(
                    ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE"
                                    + " NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO"
                                    + " SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME"
                                    + " SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG"
                                    + " WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE")
                            .split(" ", -1))
            .map(name -> "CAP_" + name)
            .toList();

    /** What libpod gives a container that asks for nothing. */
    private static final List<String> DEFAULT = List.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_NET_BIND_SERVICE",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");

    /** What a container that was not privileged may have been given: nothing that reaches beyond it. */
    static final List<String> ORDINARY = Stream.concat(
                    DEFAULT.stream(),
                    Stream.of(
                            "CAP_AUDIT_WRITE",
                            "CAP_MKNOD",
                            "CAP_NET_ADMIN",
                            "CAP_NET_BROADCAST",
                            "CAP_NET_RAW",
                            "CAP_IPC_LOCK",
                            "CAP_IPC_OWNER",
                            "CAP_LEASE",
                            "CAP_SYS_NICE",
                            "CAP_SYS_PTRACE"))
            .toList();

    private Capabilities() {}

    /**
     * What a container gets, in the order of the names: the default, or everything that this process has when it is
     * privileged, without what is dropped, with what is added.
     */
    static List<String> granted(boolean privileged, List<String> added, List<String> dropped) {
        Set<String> held = new LinkedHashSet<>(held());
        Set<String> granted = new LinkedHashSet<>(privileged ? held : DEFAULT);
        for (String name : dropped) {
            if (isAll(name)) {
                granted.clear();
            } else {
                granted.remove(normalized(name));
            }
        }
        for (String name : added) {
            if (isAll(name)) {
                granted.addAll(held);
            } else {
                granted.add(normalized(name));
            }
        }
        granted.retainAll(held);
        return granted.stream().sorted().toList();
    }

    /** What was added by name or as {@code all}, and this process has. */
    static List<String> added(List<String> names) {
        List<String> held = held();
        return names.stream()
                .flatMap(name -> isAll(name) ? held.stream() : Stream.of(normalized(name)))
                .filter(held::contains)
                .distinct()
                .sorted()
                .toList();
    }

    private static boolean isAll(String name) {
        return name.equalsIgnoreCase("all");
    }

    private static String normalized(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String full = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        if (!ALL.contains(full)) {
            throw new EngineException(EngineException.Code.INVALID_ARGUMENT, "\"" + full + "\": unknown capability");
        }
        return full;
    }

    /** What this process may pass on: the bounding set, from {@code /proc/self/status}. */
    private static List<String> held() {
        long bits = ProcStatus.self("CapBnd")
                .map(text -> Long.parseUnsignedLong(text, 16))
                .orElse(-1L);
        return named(bits & (1L << ALL.size()) - 1);
    }

    /** The names of the capabilities in a set, the one with number N being bit N; of one that has no name yet, its number. */
    static List<String> named(long bits) {
        List<String> names = new ArrayList<>();
        for (int number = 0; number < Long.SIZE; number++) {
            if ((bits >>> number & 1) == 1) {
                names.add(number < ALL.size() ? ALL.get(number) : "CAP_" + number);
            }
        }
        return names;
    }
}
