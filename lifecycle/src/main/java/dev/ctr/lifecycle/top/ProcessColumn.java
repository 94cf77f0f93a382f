package dev.ctr.lifecycle.top;

import dev.ctr.lifecycle.EngineException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** The columns that podman's format descriptors name, with the codes of ps(1) that mean the same. */
public enum ProcessColumn {
    ARGS("args", "%a", "COMMAND", (process, names) -> process.arguments()),
    CAPAMB("capamb", "", "AMBIENT CAPS", (process, names) -> capabilities(process, "CapAmb")),
    CAPBND("capbnd", "", "BOUNDING CAPS", (process, names) -> capabilities(process, "CapBnd")),
    CAPEFF("capeff", "", "EFFECTIVE CAPS", (process, names) -> capabilities(process, "CapEff")),
    CAPINH("capinh", "", "INHERITED CAPS", (process, names) -> capabilities(process, "CapInh")),
    CAPPRM("capprm", "", "PERMITTED CAPS", (process, names) -> capabilities(process, "CapPrm")),
    COMM("comm", "%c", "COMMAND", (process, names) -> process.name()),
    ETIME("etime", "%t", "ELAPSED", (process, names) -> GoDuration.of(process.elapsed())),
    GROUP("group", "%G", "GROUP", (process, names) -> group(process, names, Index.EFFECTIVE)),
    GROUPS("groups", "", "GROUPS", ProcessColumn::groups),
    HGROUP("hgroup", "", "HGROUP", (process, names) -> Long.toString(process.group(Index.EFFECTIVE))),
    HGROUPS(
            "hgroups",
            "",
            "HGROUPS",
            (process, names) -> process.groups().stream().map(String::valueOf).collect(Collectors.joining(","))),
    HPID("hpid", "", "HPID", (process, names) -> Long.toString(process.hostPid())),
    HUSER("huser", "", "HUSER", (process, names) -> Long.toString(process.user(Index.EFFECTIVE))),
    LABEL("label", "", "LABEL", (process, names) -> process.label()),
    NICE("nice", "%n", "NI", (process, names) -> Long.toString(process.nice())),
    PCPU("pcpu", "%C", "%CPU", (process, names) -> share(process)),
    PGID("pgid", "%r", "PGID", (process, names) -> Long.toString(process.processGroup())),
    PID("pid", "%p", "PID", (process, names) -> Long.toString(process.pid())),
    PPID("ppid", "%P", "PPID", (process, names) -> Long.toString(process.parent())),
    RGROUP("rgroup", "%g", "RGROUP", (process, names) -> group(process, names, Index.REAL)),
    RSS("rss", "", "RSS", (process, names) -> Long.toString(process.residentKibibytes())),
    RUSER("ruser", "%u", "RUSER", (process, names) -> user(process, names, Index.REAL)),
    SECCOMP("seccomp", "", "SECCOMP", (process, names) -> process.seccomp()),
    STATE("state", "", "STATE", (process, names) -> process.state()),
    STIME("stime", "", "STIME", (process, names) -> Formats.TIME.format(process.started())),
    TIME("time", "%x", "TIME", (process, names) -> GoDuration.of(process.cpuTime())),
    TTY("tty", "%y", "TTY", (process, names) -> process.terminal()),
    USER("user", "%U", "USER", (process, names) -> user(process, names, Index.EFFECTIVE)),
    VSZ("vsz", "%z", "VSZ", (process, names) -> Long.toString(process.virtualKibibytes()));

    /** What podman shows when nothing is asked for. */
    private static final List<ProcessColumn> DEFAULT = List.of(USER, PID, PPID, PCPU, ETIME, TTY, TIME, ARGS);

    /** What {@code ps -ef} shows, as far as podman has columns for it. */
    private static final List<ProcessColumn> FULL = List.of(USER, PID, PPID, PCPU, STIME, TTY, TIME, ARGS);

    /** What {@code ps aux} shows, as far as podman has columns for it. */
    private static final List<ProcessColumn> BSD = List.of(USER, PID, PCPU, VSZ, RSS, TTY, STATE, STIME, TIME, ARGS);

    private static final String CAPABILITIES =
            "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE"
                    + " NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT"
                    + " SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE"
                    + " AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ"
                    + " PERFMON BPF CHECKPOINT_RESTORE";

    private final String descriptor;
    private final String code;
    private final String heading;
    /** Stateless: each is one of the lambdas above. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final BiFunction<ContainerProcess, IdNames, String> value;

    /** The numbers of a user or group in {@code /proc/PID/status}. */
    private static final class Index {
        static final int REAL = 0;
        static final int EFFECTIVE = 1;
    }

    private static final class Formats {
        /** As Go prints a time. */
        static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss Z 'UTC'", Locale.ROOT)
                .withZone(ZoneOffset.UTC);
    }

    ProcessColumn(String descriptor, String code, String heading, BiFunction<ContainerProcess, IdNames, String> value) {
        this.descriptor = descriptor;
        this.code = code;
        this.heading = heading;
        this.value = value;
    }

    /** What stands above the column. */
    public String heading() {
        return heading;
    }

    /** What stands in the column for a process. */
    public String of(ContainerProcess process, IdNames names) {
        return value.apply(process, names);
    }

    /**
     * Reads what comes after {@code top CONTAINER}: descriptors or codes, separated by commas or spaces, or the options of
     * ps(1) that choose columns ({@code -o LIST}, {@code -eo LIST}, {@code -f}, {@code -ef}, {@code aux}).
     *
     * @throws EngineException with INVALID_ARGUMENT for anything else
     */
    public static List<ProcessColumn> parse(List<String> arguments) {
        List<String> words = arguments.stream()
                .flatMap(argument -> Arrays.stream(argument.split("[ ,]+", -1)))
                .filter(word -> !word.isEmpty())
                .toList();
        if (words.isEmpty()) {
            return DEFAULT;
        }
        if (words.equals(List.of("aux")) || words.equals(List.of("-aux"))) {
            return BSD;
        }
        List<ProcessColumn> columns = new ArrayList<>();
        boolean listed = false;
        boolean full = false;
        for (String word : words) {
            if (word.startsWith("-")) {
                String options = word.substring(1);
                if (!options.matches("[eAfo]+")) {
                    throw unknown(word);
                }
                full |= options.indexOf('f') >= 0;
                listed |= options.indexOf('o') >= 0;
            } else {
                columns.add(named(word));
            }
        }
        if (listed && columns.isEmpty()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "option -o needs a list of format descriptors");
        }
        return columns.isEmpty() ? full ? FULL : DEFAULT : columns;
    }

    private static ProcessColumn named(String word) {
        return Arrays.stream(values())
                .filter(column -> column.descriptor.equals(word) || (column.code.equals(word) && !word.isEmpty()))
                .findFirst()
                .orElseThrow(() -> unknown(word));
    }

    private static EngineException unknown(String word) {
        String known = Arrays.stream(values()).map(column -> column.descriptor).collect(Collectors.joining(", "));
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT,
                "unknown format descriptor \"" + word + "\": use " + known + ", or ps options such as -ef");
    }

    private static String user(ContainerProcess process, IdNames names, int index) {
        return names.user().apply(process.userInside(process.user(index)));
    }

    private static String group(ContainerProcess process, IdNames names, int index) {
        return names.group().apply(process.groupInside(process.group(index)));
    }

    private static String groups(ContainerProcess process, IdNames names) {
        return process.groups().stream()
                .map(group -> names.group().apply(process.groupInside(group)))
                .collect(Collectors.joining(","));
    }

    private static String share(ContainerProcess process) {
        double elapsed = Math.max(1, process.elapsed().toNanos());
        return String.format(Locale.ROOT, "%.3f", 100 * process.cpuTime().toNanos() / elapsed);
    }

    private static String capabilities(ContainerProcess process, String set) {
        long bits = process.capabilities(set);
        String[] names = CAPABILITIES.split(" ", -1);
        if (bits == 0) {
            return "none";
        }
        List<String> held = new ArrayList<>();
        for (int number = 0; number < names.length; number++) {
            if ((bits >>> number & 1) == 1) {
                held.add(names[number]);
            }
        }
        return held.size() == names.length ? "full" : held.stream().sorted().collect(Collectors.joining(","));
    }
}
