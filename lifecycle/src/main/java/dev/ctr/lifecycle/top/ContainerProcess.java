package dev.ctr.lifecycle.top;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process as the host's {@code /proc} shows it (proc(5)), at one moment. What a program can choose itself, its name and
 * arguments, has control characters replaced, so that it can neither break a table nor command a terminal.
 */
public final class ContainerProcess {
    /** USER_HZ, which is 100 on every architecture that ctr runs on. */
    private static final int TICKS_PER_SECOND = 100;

    private static final long NANOS_PER_TICK = 1_000_000_000L / TICKS_PER_SECOND;
    private static final int KIBIBYTE = 1024;

    // Fields of /proc/PID/stat, counted after the name's closing parenthesis.
    private static final int STATE = 0;
    private static final int TERMINAL = 4;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int NICE = 16;
    private static final int START_TICKS = 19;
    private static final int VIRTUAL_BYTES = 20;

    private final long hostPid;
    private final String[] stat;
    private final Map<String, String> status;
    private final String arguments;
    private final String label;
    private final IdMap users;
    private final IdMap groups;
    private final long parentInside;
    private final Instant now;
    private final Duration uptime;

    private ContainerProcess(long hostPid) throws IOException {
        this.hostPid = hostPid;
        String line = text(hostPid, "stat");
        stat = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        status = status(hostPid);
        String commandLine =
                printable(text(hostPid, "cmdline").replace('\0', ' ')).strip();
        arguments = commandLine.isEmpty() ? "[" + name() + "]" : commandLine;
        label = readLabel(hostPid);
        users = IdMap.parse(text(hostPid, "uid_map").lines().toList());
        groups = IdMap.parse(text(hostPid, "gid_map").lines().toList());
        parentInside = parentInside();
        now = Instant.now();
        uptime = uptime();
    }

    /** Reads a process; empty when it has ended meanwhile. */
    public static Optional<ContainerProcess> read(long hostPid) {
        try {
            return Optional.of(new ContainerProcess(hostPid));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }

    private static String text(long pid, String file) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), file), StandardCharsets.ISO_8859_1);
    }

    private static Map<String, String> status(long pid) throws IOException {
        Map<String, String> status = new HashMap<>();
        for (String line : text(pid, "status").split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                status.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return status;
    }

    /** Reading it fails where the kernel has no security module. */
    private static String readLabel(long pid) {
        try {
            String label = text(pid, "attr/current").replace("\0", "").strip();
            return label.isEmpty() ? "?" : printable(label);
        } catch (IOException none) {
            return "?";
        }
    }

    private static Duration uptime() throws IOException {
        String seconds = Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0];
        return Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000));
    }

    private static String printable(String bytes) {
        String utf8 = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return utf8.codePoints()
                .map(character -> Character.isISOControl(character) ? '?' : character)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The parent's number in the container; 0 when the parent is not in it. */
    private long parentInside() {
        try {
            long parent = Long.parseLong(field("PPid"));
            List<String> numbers = namespaceNumbers(status(parent).getOrDefault("NSpid", ""));
            int own = namespaceNumbers(field("NSpid")).size();
            return numbers.size() == own ? Long.parseLong(numbers.get(own - 1)) : 0;
        } catch (IOException orphan) {
            return 0;
        }
    }

    private static List<String> namespaceNumbers(String line) {
        return List.of(line.split("\\s+", -1));
    }

    private String field(String name) {
        return status.getOrDefault(name, "0");
    }

    private long namespaceNumber(String name) {
        List<String> numbers = namespaceNumbers(field(name));
        return Long.parseLong(numbers.get(numbers.size() - 1));
    }

    private long stat(int index) {
        return Long.parseLong(stat[index]);
    }

    /** The number on the host. */
    long hostPid() {
        return hostPid;
    }

    /** The number in the container. */
    long pid() {
        return namespaceNumber("NSpid");
    }

    long processGroup() {
        return namespaceNumber("NSpgid");
    }

    long parent() {
        return parentInside;
    }

    /** R, S, D, T, Z and so on. */
    String state() {
        return stat[STATE];
    }

    String name() {
        return printable(status.getOrDefault("Name", "?"));
    }

    String arguments() {
        return arguments;
    }

    String label() {
        return label;
    }

    long nice() {
        return stat(NICE);
    }

    long virtualKibibytes() {
        return stat(VIRTUAL_BYTES) / KIBIBYTE;
    }

    long residentKibibytes() {
        return Long.parseLong(field("VmRSS").replace("kB", "").strip());
    }

    Duration cpuTime() {
        return Duration.ofNanos((stat(USER_TICKS) + stat(SYSTEM_TICKS)) * NANOS_PER_TICK);
    }

    Duration elapsed() {
        Duration elapsed = uptime.minus(Duration.ofNanos(stat(START_TICKS) * NANOS_PER_TICK));
        return elapsed.isNegative() ? Duration.ZERO : elapsed;
    }

    Instant started() {
        return now.minus(elapsed());
    }

    /** The terminal below /dev, by device number: Unix 98 ones have majors 136 to 143, consoles 4 and 5. */
    String terminal() {
        long device = stat(TERMINAL);
        long major = (device >> 8) & 0xfff;
        long minor = (device & 0xff) | ((device >> 12) & 0xfff00);
        if (major >= 136 && major <= 143) {
            return "pts/" + (((major - 136) << 20) + minor);
        }
        if (major == 4) {
            return minor < 64 ? "tty" + minor : "ttyS" + (minor - 64);
        }
        return "?";
    }

    String seccomp() {
        return switch (field("Seccomp")) {
            case "1" -> "strict";
            case "2" -> "filter";
            default -> "disabled";
        };
    }

    /** A capability set in hexadecimal: {@code CapEff} and so on. */
    long capabilities(String set) {
        return Long.parseUnsignedLong(field(set), 16);
    }

    /** The real, effective, saved and file system user of the host. */
    long user(int index) {
        return number("Uid", index);
    }

    long group(int index) {
        return number("Gid", index);
    }

    private long number(String field, int index) {
        return Long.parseLong(field(field).split("\\s+", -1)[index]);
    }

    /** The further groups, as the host numbers them. */
    List<Long> groups() {
        String line = status.getOrDefault("Groups", "");
        return line.isEmpty()
                ? List.of()
                : List.of(line.split("\\s+", -1)).stream().map(Long::parseLong).toList();
    }

    long userInside(long host) {
        return users.inside(host);
    }

    long groupInside(long host) {
        return groups.inside(host);
    }
}
