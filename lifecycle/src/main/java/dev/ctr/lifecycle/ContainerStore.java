package dev.ctr.lifecycle;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Trees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The containers of one root, as small files.
 *
 * <p>A container exists once its {@code container.json} does, which is written last; a directory without one belongs to a
 * creation that is under way (its lock is held) or has died (its lock is free, and it is swept away by the next
 * creation). Its name is taken in {@link Names}. Removal renames the directory away, which ends the container in one step too.
 */
final class ContainerStore {
    static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final String REMOVED = "removed-";

    private final Path root;
    private final Path runRoot;
    private final Names names;

    ContainerStore(Path root, Path runRoot) {
        this.root = root;
        this.runRoot = runRoot;
        this.names = new Names(root);
    }

    ContainerPaths paths(ContainerId id) {
        return new ContainerPaths(id, root, runRoot);
    }

    private Path containers() {
        return root.resolve("containers");
    }

    Names names() {
        return names;
    }

    static void checkName(String name) {
        Names.check(Names.Kind.CONTAINER, name);
    }

    boolean exists(ContainerId id) {
        return Files.exists(paths(id).configuration());
    }

    /** The containers that exist, oldest first. */
    List<ContainerId> list() throws IOException {
        return configurations().stream().map(ContainerConfig::id).toList();
    }

    /** What the containers that exist are, oldest first. */
    List<ContainerConfig> configurations() throws IOException {
        List<ContainerConfig> found = new ArrayList<>();
        for (ContainerId id : directories()) {
            if (exists(id)) {
                try {
                    found.add(readConfiguration(id));
                } catch (EngineException e) {
                    if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                        throw e;
                    }
                }
            }
        }
        found.sort(Comparator.comparing(ContainerConfig::createdAt));
        return found;
    }

    private List<ContainerId> directories() throws IOException {
        List<ContainerId> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(containers())) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (ID.matcher(name).matches()) {
                    ids.add(new ContainerId(name));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return ids;
    }

    /** The container with this name, ID or unambiguous beginning of an ID. */
    Optional<ContainerId> find(String nameOrId) throws IOException {
        Optional<ContainerId> named = holder(nameOrId);
        if (named.isPresent() && exists(named.get())) {
            return named;
        }
        List<ContainerId> matching = new ArrayList<>();
        for (ContainerId id : directories()) {
            if (id.hex().startsWith(nameOrId) && !nameOrId.isEmpty() && exists(id)) {
                matching.add(id);
            }
        }
        if (matching.size() > 1) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + nameOrId + "\" is the beginning of " + matching.size()
                            + " container IDs: give more digits, or a name");
        }
        return matching.stream().findFirst();
    }

    /** Who has the name, existing or not. */
    Optional<ContainerId> holder(String name) throws IOException {
        return names.holder(Names.Kind.CONTAINER, name).map(ContainerId::new);
    }

    /** Takes a name; false when somebody has it. */
    boolean reserveName(String name, ContainerId id) throws IOException {
        return names.reserve(name, Names.Kind.CONTAINER, id.hex());
    }

    /** Gives a name back if this container has it. */
    void releaseName(String name, ContainerId id) throws IOException {
        names.release(name, Names.Kind.CONTAINER, id.hex());
    }

    /** Makes the directory of a container to be, so that it can be locked. */
    void createDirectory(ContainerId id) throws IOException {
        Path directory = paths(id).directory();
        Files.createDirectories(directory.getParent());
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
    }

    ContainerConfig readConfiguration(ContainerId id) throws IOException {
        try {
            return ContainerConfig.of(Json.readObject(paths(id).configuration()));
        } catch (NoSuchFileException e) {
            throw noSuchContainer(id.abbreviated());
        }
    }

    /** Writes the configuration; for a new container this is the step by which it comes to exist. */
    void writeConfiguration(ContainerConfig configuration) throws IOException {
        Durable.writeAtomically(
                paths(configuration.id()).configuration(), Json.pretty(configuration.toJson()), OWNER_ONLY);
    }

    ContainerState readState(ContainerId id) throws IOException {
        try {
            return Json.MAPPER.readValue(paths(id).state().toFile(), ContainerState.class);
        } catch (java.io.FileNotFoundException | NoSuchFileException e) {
            if (exists(id)) {
                return ContainerState.unknown();
            }
            throw noSuchContainer(id.abbreviated());
        } catch (JsonProcessingException damaged) {
            return ContainerState.unknown();
        }
    }

    void writeState(ContainerId id, ContainerState state) throws IOException {
        Durable.writeAtomically(paths(id).state(), Json.MAPPER.writeValueAsBytes(state), OWNER_ONLY);
    }

    /** Ends a container's existence in one step, then deletes what it had. Its mounts must be gone. */
    void delete(ContainerId id) throws IOException {
        ContainerPaths paths = paths(id);
        Mounts.unmountAllBelow(paths.runDirectory());
        Trees.delete(paths.runDirectory());
        Files.deleteIfExists(paths.exitCode());
        Mounts.unmountAllBelow(paths.directory());
        Path away = containers().resolve(REMOVED + id.hex());
        Trees.delete(away);
        Files.move(paths.directory(), away);
        Durable.syncDirectory(containers());
        names.releaseAll(Names.Kind.CONTAINER, id.hex());
        Trees.delete(away);
    }

    /** Deletes what creations and removals that died have left: directories that nobody locks and that hold no container. */
    void sweep() throws IOException {
        if (!Files.isDirectory(containers())) {
            return;
        }
        try (DirectoryStream<Path> removed = Files.newDirectoryStream(containers(), REMOVED + "*")) {
            for (Path directory : removed) {
                Mounts.unmountAllBelow(directory);
                Trees.delete(directory);
            }
        }
        for (ContainerId id : directories()) {
            if (!exists(id)) {
                sweep(id);
            }
        }
        for (String name : names.taken()) {
            Optional<ContainerId> holder = holder(name);
            if (holder.isPresent() && !Files.exists(paths(holder.get()).directory())) {
                releaseName(name, holder.get());
            }
        }
    }

    private void sweep(ContainerId id) throws IOException {
        try {
            Optional<ContainerLock> lock = ContainerLock.tryAcquire(paths(id).lock());
            if (lock.isPresent()) {
                try (ContainerLock ignored = lock.get()) {
                    if (!exists(id)) {
                        delete(id);
                    }
                }
            }
        } catch (EngineException e) {
            // Another sweep was faster.
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }

    static EngineException noSuchContainer(String nameOrId) {
        return new EngineException(
                EngineException.Code.NO_SUCH_CONTAINER,
                "no container with name or ID \"" + nameOrId + "\" found: no such container");
    }
}
