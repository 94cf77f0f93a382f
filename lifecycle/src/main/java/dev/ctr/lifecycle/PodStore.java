package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Durable;
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

/**
 * The pods of one root, as small files: {@code pods/ID/} with {@code lock} and {@code pod.json}. A pod exists once its {@code
 * pod.json} does, which is written last; a directory without one, whose lock is free, is what a creation or removal that died
 * has left. Its members are the containers whose configuration names it.
 */
final class PodStore {
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");

    private final Path root;
    private final Names names;

    PodStore(Path root) {
        this.root = root;
        this.names = new Names(root);
    }

    private Path pods() {
        return root.resolve("pods");
    }

    private Path directory(PodId id) {
        return pods().resolve(id.hex());
    }

    private Path configuration(PodId id) {
        return directory(id).resolve("pod.json");
    }

    Names names() {
        return names;
    }

    boolean exists(PodId id) {
        return Files.exists(configuration(id));
    }

    /** Whether there is a pod of this ID, or one is just being made or removed. */
    boolean isTaken(PodId id) {
        return Files.isDirectory(directory(id));
    }

    LockFile lock(PodId id) throws IOException {
        try {
            return LockFile.acquire(directory(id).resolve("lock"));
        } catch (NoSuchFileException e) {
            throw noSuchPod(id.hex());
        }
    }

    /** Takes the lock of what may be left of a pod, if there is any and nobody has it. */
    Optional<LockFile> tryLock(PodId id) throws IOException {
        try {
            return LockFile.tryAcquire(directory(id).resolve("lock"));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The lock under which the image of the infra containers is made. */
    LockFile lockImage() throws IOException {
        Files.createDirectories(pods());
        return LockFile.acquire(pods().resolve("image.lock"));
    }

    /** The pods that exist, newest first. */
    List<PodConfig> list() throws IOException {
        List<PodConfig> found = new ArrayList<>();
        for (PodId id : directories()) {
            try {
                found.add(read(id));
            } catch (EngineException e) {
                if (e.code() != EngineException.Code.NO_SUCH_POD) {
                    throw e;
                }
            }
        }
        found.sort(Comparator.comparing(PodConfig::createdAt).reversed());
        return found;
    }

    /** All directories, also of pods that do not exist yet or any more. */
    List<PodId> directories() throws IOException {
        List<PodId> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(pods())) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (PodId.isId(name)) {
                    ids.add(new PodId(name));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return ids;
    }

    /** The pod with this name, ID or unambiguous beginning of an ID. */
    Optional<PodConfig> find(String nameOrId) throws IOException {
        Optional<PodId> named =
                names.holder(Names.Kind.POD, nameOrId).map(PodId::new).filter(this::exists);
        if (named.isPresent()) {
            return Optional.of(read(named.get()));
        }
        List<PodId> matching = nameOrId.isEmpty()
                ? List.of()
                : directories().stream()
                        .filter(id -> id.hex().startsWith(nameOrId) && exists(id))
                        .toList();
        if (matching.size() > 1) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + nameOrId + "\" is the beginning of " + matching.size()
                            + " pod IDs: give more digits, or a name");
        }
        return matching.isEmpty() ? Optional.empty() : Optional.of(read(matching.get(0)));
    }

    /**
     * As {@link #find}, for one that must be there.
     *
     * @throws EngineException NO_SUCH_POD
     */
    PodConfig require(String nameOrId) throws IOException {
        return find(nameOrId).orElseThrow(() -> noSuchPod(nameOrId));
    }

    /**
     * Waits for what is being done with a pod.
     *
     * @throws EngineException NO_SUCH_POD if it was removed
     */
    void confirm(PodId id) throws IOException {
        try (LockFile ignored = lock(id)) {
            if (read(id).isRemoving()) {
                throw noSuchPod(id.hex());
            }
        }
    }

    PodConfig read(PodId id) throws IOException {
        try {
            return PodConfig.of(Json.readObject(configuration(id)));
        } catch (NoSuchFileException e) {
            throw noSuchPod(id.hex());
        }
    }

    /** Writes the configuration; for a new pod this is the step by which it comes to exist. */
    void write(PodConfig pod) throws IOException {
        Durable.writeAtomically(configuration(pod.id()), Json.pretty(pod.toJson()), ContainerStore.OWNER_ONLY);
    }

    /** Makes the directory of a pod to be, so that it can be locked. */
    void createDirectory(PodId id) throws IOException {
        Files.createDirectories(pods());
        Files.createDirectory(directory(id), PosixFilePermissions.asFileAttribute(DIRECTORY));
    }

    /** Ends a pod's existence; it must have no containers. */
    void delete(PodId id) throws IOException {
        Files.deleteIfExists(configuration(id));
        Durable.syncDirectory(directory(id));
        names.releaseAll(Names.Kind.POD, id.hex());
        Trees.delete(directory(id));
    }

    static EngineException noSuchPod(String nameOrId) {
        return new EngineException(
                EngineException.Code.NO_SUCH_POD, "no pod with name or ID " + nameOrId + " found: no such pod");
    }
}
