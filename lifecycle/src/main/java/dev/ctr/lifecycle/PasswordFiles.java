package dev.ctr.lifecycle;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Gives a user that is known by number alone a line in the container's /etc/passwd, and its group one in /etc/group, so that
 * programs find a name and a home directory. The lines are added to the container's own files; where these are read-only, or
 * belong to a directory of the host, a copy with the line is mounted over them.
 */
final class PasswordFiles {
    private static final String NUMBER = "[0-9]{1,10}";
    private static final long LARGEST = 16 << 20;

    private final ContainerConfig config;
    private final RootFilesystem root;
    private final Path runDirectory;

    PasswordFiles(ContainerConfig config, RootFilesystem root, Path runDirectory) {
        this.config = config;
        this.root = root;
        this.runDirectory = runDirectory;
    }

    /** Adds the lines that are missing. */
    void prepare() throws IOException {
        Files.deleteIfExists(runDirectory.resolve("passwd"));
        Files.deleteIfExists(runDirectory.resolve("group"));
        if (!config.passwordEntry() || !config.user().split(":", 2)[0].matches(NUMBER)) {
            return;
        }
        RootUsers users = RootUsers.of(root.path());
        Optional<String> user = userLine(users);
        Optional<String> group = groupLine(users);
        if (user.isPresent()) {
            add("passwd", user.get());
        }
        if (group.isPresent()) {
            add("group", group.get());
        }
    }

    /** The files that are to be mounted over the container's, by their place in it. */
    Map<String, Path> mounts() {
        Map<String, Path> mounts = new LinkedHashMap<>();
        for (String name : new String[] {"passwd", "group"}) {
            Path file = runDirectory.resolve(name);
            if (Files.exists(file)) {
                mounts.put("/etc/" + name, file);
            }
        }
        return mounts;
    }

    private Optional<String> userLine(RootUsers users) {
        String name = config.user().split(":", 2)[0];
        if (users.knowsUser(name)) {
            return Optional.empty();
        }
        RootUsers.User user = users.find(config.user());
        String asked = config.passwordLine();
        if (asked.isEmpty()) {
            return Optional.of(
                    name + ":*:" + user.uid() + ":" + user.gid() + ":container user:" + user.home() + ":/bin/sh");
        }
        return Optional.of(asked.replace("$USERNAME", name)
                .replace("$UID", Long.toString(user.uid()))
                .replace("$GID", Long.toString(user.gid()))
                .replace("$NAME", "container user")
                .replace("$HOME", user.home()));
    }

    private Optional<String> groupLine(RootUsers users) {
        String[] parts = config.user().split(":", 2);
        String group = parts.length > 1 && !parts[1].isEmpty() ? parts[1] : parts[0];
        if (!group.matches(NUMBER) || users.knowsGroup(group)) {
            return Optional.empty();
        }
        return Optional.of(group + ":x:" + group + ":" + parts[0]);
    }

    /** A root file system without the file gets none: it has its own ways. */
    private void add(String name, String line) throws IOException {
        try (DirectoryDescriptor top = DirectoryDescriptor.open(root.path());
                DirectoryDescriptor etc = top.descend(Path.of("etc"))) {
            Path file = etc.path().resolve(name);
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST) {
                return;
            }
            byte[] present = Files.readAllBytes(file);
            boolean endsInLine = present.length == 0 || present[present.length - 1] == '\n';
            byte[] added = ((endsInLine ? "" : "\n") + line + "\n").getBytes(StandardCharsets.UTF_8);
            boolean isReadOnly = config.spec().path("root").path("readonly").asBoolean();
            if (isReadOnly || root.plain()) {
                Path copy = runDirectory.resolve(name);
                Files.write(copy, present);
                Files.write(copy, added, StandardOpenOption.APPEND);
            } else {
                Files.write(file, added, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }
}
