package dev.ctr.lifecycle;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.PinnedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The users and groups of a root file system, from its own /etc/passwd and /etc/group. Links in it are resolved inside it,
 * and never lead out.
 */
final class RootUsers {
    private static final long LARGEST = 16 << 20;

    /**
     * A user as a process needs it.
     *
     * @param groups further groups
     * @param home the home directory inside the root file system
     */
    record User(long uid, long gid, List<Long> groups, String home) {}

    private final List<String[]> passwd;
    private final List<String[]> group;

    private RootUsers(List<String[]> passwd, List<String[]> group) {
        this.passwd = passwd;
        this.group = group;
    }

    static RootUsers of(Path root) throws IOException {
        return new RootUsers(lines(root, "passwd"), lines(root, "group"));
    }

    private static List<String[]> lines(Path root, String name) throws IOException {
        try (DirectoryDescriptor top = DirectoryDescriptor.open(root);
                PinnedFile file = top.pin(Path.of("etc").resolve(name))) {
            if (!Files.isRegularFile(file.path()) || Files.size(file.path()) > LARGEST) {
                return List.of();
            }
            List<String[]> lines = new ArrayList<>();
            for (String line :
                    new String(Files.readAllBytes(file.path()), StandardCharsets.ISO_8859_1).split("\n", -1)) {
                lines.add(line.split(":", -1));
            }
            return lines;
        } catch (IOException noSuchDirectory) {
            return List.of();
        }
    }

    /**
     * Finds {@code USER[:GROUP]}, each by name or number; empty is root.
     *
     * @throws EngineException with INVALID_ARGUMENT for a name that the root file system does not have
     */
    User find(String text) {
        String[] parts = text.split(":", 2);
        String userName = parts[0].isEmpty() ? "0" : parts[0];
        Optional<String[]> entry = entry(passwd, userName, 2);
        long uid = entry.map(fields -> Long.parseLong(fields[2]))
                .or(() -> number(userName))
                .orElseThrow(() -> unknown("user", userName));
        long primary = entry.filter(fields -> fields.length > 3)
                .flatMap(fields -> number(fields[3]))
                .orElse(0L);
        String home = entry.filter(fields -> fields.length > 5 && !fields[5].isEmpty())
                .map(fields -> fields[5])
                .orElse(uid == 0 ? "/root" : "/");
        if (parts.length > 1 && !parts[1].isEmpty()) {
            return new User(uid, groupNumber(parts[1]), List.of(), home);
        }
        String name = entry.map(fields -> fields[0]).orElse(userName);
        return new User(uid, primary, memberships(name, primary), home);
    }

    /** The name of a user by number; the number when the root file system has no name for it. */
    String userName(long uid) {
        return name(passwd, uid);
    }

    /** The name of a group by number; the number when the root file system has no name for it. */
    String groupName(long gid) {
        return name(group, gid);
    }

    private static String name(List<String[]> lines, long number) {
        String text = Long.toString(number);
        return lines.stream()
                .filter(fields -> fields.length > 2 && fields[2].equals(text))
                .map(fields -> fields[0])
                .findFirst()
                .orElse(text);
    }

    /** Whether there is a line for a user's name or number. */
    boolean knowsUser(String nameOrNumber) {
        return entry(passwd, nameOrNumber, 2).isPresent();
    }

    /** Whether there is a line for a group's name or number. */
    boolean knowsGroup(String nameOrNumber) {
        return entry(group, nameOrNumber, 2).isPresent();
    }

    /** @throws EngineException with INVALID_ARGUMENT for a name that the root file system does not have */
    long groupNumber(String name) {
        return entry(group, name, 2)
                .flatMap(fields -> number(fields[2]))
                .or(() -> number(name))
                .orElseThrow(() -> unknown("group", name));
    }

    private List<Long> memberships(String user, long primary) {
        List<Long> groups = new ArrayList<>();
        for (String[] fields : group) {
            if (fields.length > 3 && List.of(fields[3].split(",", -1)).contains(user)) {
                number(fields[2]).filter(gid -> gid != primary).ifPresent(groups::add);
            }
        }
        return groups;
    }

    private static Optional<String[]> entry(List<String[]> lines, String nameOrNumber, int numberField) {
        return lines.stream()
                .filter(fields -> fields.length > numberField
                        && number(fields[numberField]).isPresent())
                .filter(fields -> fields[0].equals(nameOrNumber) || fields[numberField].equals(nameOrNumber))
                .findFirst();
    }

    private static Optional<Long> number(String text) {
        return text.matches("[0-9]{1,10}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static EngineException unknown(String what, String name) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT,
                "unable to find " + what + " " + name + ": no matching entries in "
                        + (what.equals("user") ? "passwd" : "group") + " file");
    }
}
