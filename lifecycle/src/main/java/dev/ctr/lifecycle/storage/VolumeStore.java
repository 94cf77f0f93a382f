package dev.ctr.lifecycle.storage;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.Compression;
import dev.ctr.archive.ExtractionOptions;
import dev.ctr.archive.TarExtractor;
import dev.ctr.archive.TarPlan;
import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.IoWork;
import dev.ctr.lifecycle.Json;
import dev.ctr.lifecycle.LockFile;
import dev.ctr.lifecycle.event.Event;
import dev.ctr.lifecycle.event.EventJournal;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.event.EventType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The named volumes of an engine: {@code volumes/NAME/_data} holds the content, {@code volumes/NAME/volume.json} the rest. Any
 * number of threads and processes may use the same store.
 *
 * <p>All methods throw {@link EngineException}: with {@code IO} when a file cannot be read or written, and what they say
 * themselves.
 */
public final class VolumeStore {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

    /** A file name cannot be longer. */
    private static final int MAX_NAME = 255;

    private static final int RANDOM_NAME_BYTES = 32;
    private static final String DATA = "_data";
    private static final String RECORD = "volume.json";
    private static final String LOCK = "volume.lock";
    private static final int BUFFER = 1 << 16;

    /** Begins the names of volumes that are being made or removed; no volume's name can begin so. */
    private static final String UNFINISHED = ".unfinished-";

    private static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> DATA_DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final TypeReference<Map<String, String>> TEXT_MAP = new TypeReference<>() {};
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path volumes;
    private final EventJournal events;

    /**
     * The store in an engine's root. Nothing is read or made before the first use.
     *
     * @param root the engine's root
     */
    public VolumeStore(Path root) {
        this.volumes = root.toAbsolutePath().normalize().resolve("volumes");
        this.events = new EventJournal(root);
    }

    /** Makes a volume without labels and options. */
    public Volume create(String name, boolean anonymous) {
        return create(name, Map.of(), Map.of(), anonymous);
    }

    /**
     * Makes an empty volume.
     *
     * @param options what {@code podman volume create --opt} takes: {@code o=uid=UID,gid=GID} for the owner of the directory;
     *     {@code type=none}, {@code device=DIR} and {@code o=bind} for a directory of the host
     * @throws EngineException with {@code INVALID_ARGUMENT} for a bad name or option, {@code ALREADY_EXISTS} when there is such a
     *     volume; of several who try at once one succeeds
     */
    public Volume create(String name, Map<String, String> labels, Map<String, String> options, boolean anonymous) {
        return create(name, labels, options, anonymous, true, Optional.empty());
    }

    /**
     * Makes an empty volume for a container that is being imported.
     *
     * @param importer the container's ID, for {@link #removeImported}
     * @param filled whether the import fills it: then it does not take over what the image has
     * @throws EngineException as {@link #create(String, Map, Map, boolean)}
     */
    public Volume createImported(String importer, String name, boolean anonymous, boolean filled) {
        return create(name, Map.of(), Map.of(), anonymous, !filled, Optional.of(importer));
    }

    private Volume create(
            String name,
            Map<String, String> labels,
            Map<String, String> options,
            boolean anonymous,
            boolean needsCopyUp,
            Optional<String> importer) {
        checkName(name);
        VolumeOptions local = VolumeOptions.parse(options);
        return attempt("create the volume " + name, () -> {
            Instant now = Instant.now();
            Path directory = local.device().orElse(dataOf(name));
            Volume volume = new Volume(name, directory, now, labels, options, anonymous, needsCopyUp, importer);
            Files.createDirectories(volumes);
            return locked(() -> make(volume, local));
        });
    }

    /** Makes an empty volume with a new name of 64 hexadecimal digits. */
    public Volume createUnnamed(Map<String, String> labels, Map<String, String> options) {
        byte[] bytes = new byte[RANDOM_NAME_BYTES];
        RANDOM.nextBytes(bytes);
        return create(HexFormat.of().formatHex(bytes), labels, options, false);
    }

    private Volume make(Volume volume, VolumeOptions options) throws IOException {
        removeUnfinished();
        Path target = volumes.resolve(volume.name());
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new EngineException(
                    EngineException.Code.ALREADY_EXISTS,
                    "volume with name " + volume.name() + " already exists: volume already exists");
        }
        Path unfinished = Files.createDirectory(volumes.resolve(UNFINISHED + UUID.randomUUID()));
        Path data = Files.createDirectory(unfinished.resolve(DATA));
        Files.setPosixFilePermissions(data, DATA_DIRECTORY);
        options.giveAway(data);
        writeRecord(unfinished, volume);
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        Durable.syncDirectory(volumes);
        record(EventStatus.CREATE, volume.name());
        return volume;
    }

    /** The volume of exactly this name. */
    public Optional<Volume> find(String name) {
        if (!isName(name)) {
            return Optional.empty();
        }
        return attempt("find the volume " + name, () -> read(name));
    }

    /** All volumes, sorted by name. */
    public List<Volume> list() {
        return attempt("list the volumes", () -> {
            List<Volume> list = new ArrayList<>();
            for (String name : names()) {
                read(name).ifPresent(list::add);
            }
            list.sort(Comparator.comparing(Volume::name));
            return list;
        });
    }

    /**
     * Removes a volume and its content.
     *
     * @param users the IDs of what needs the volume of that name, such as containers
     * @throws EngineException with {@code NO_SUCH_VOLUME}, or {@code IN_USE}
     */
    public void remove(String name, Function<String, List<String>> users) {
        if (find(name).isEmpty()) {
            throw noSuchVolume(name);
        }
        List<String> needing = users.apply(name);
        if (!needing.isEmpty()) {
            throw new EngineException(
                    EngineException.Code.IN_USE,
                    "volume " + name + " is being used by the following container(s): " + String.join(", ", needing)
                            + ": volume is being used");
        }
        removeIfPresent(name);
    }

    /**
     * Removes a volume and its content if there is one of this name.
     *
     * @throws EngineException with {@code IN_USE} when something is mounted in it
     */
    public void removeIfPresent(String name) {
        if (find(name).isPresent()) {
            attempt("remove the volume " + name, () -> locked(() -> delete(name)));
        }
    }

    /**
     * Removes a volume and its content if it was made for this container when that was imported.
     *
     * @param since when that import began: a container can be imported again, and may then find the volume of an earlier time
     */
    public void removeImported(String importer, Instant since, String name) {
        boolean made = find(name)
                .filter(volume -> volume.importer().filter(importer::equals).isPresent())
                .filter(volume -> !volume.created().isBefore(since))
                .isPresent();
        if (made) {
            removeIfPresent(name);
        }
    }

    private String delete(String name) throws IOException {
        Path volume = volumes.resolve(name);
        if (!Files.exists(volume)) {
            return name;
        }
        Path real = volume.toRealPath();
        if (Mounts.list().stream().anyMatch(mount -> mount.mountPoint().startsWith(real))) {
            throw new EngineException(
                    EngineException.Code.IN_USE, "cannot remove the volume " + name + ": something is mounted in it");
        }
        Files.move(volume, volumes.resolve(UNFINISHED + UUID.randomUUID()), StandardCopyOption.ATOMIC_MOVE);
        removeUnfinished();
        record(EventStatus.REMOVE, name);
        return name;
    }

    private void record(EventStatus status, String name) {
        events.record(Event.of(EventType.VOLUME, status, "", name));
    }

    /**
     * Gives a volume that was never mounted what the image has in its place: content, owner and mode of a directory of the
     * root file system, with all attributes, as podman does. A volume with content keeps it. To be called before each mount;
     * every call but the first does nothing.
     *
     * @param source the directory; nothing is copied when there is none
     * @throws EngineException with {@code NO_SUCH_VOLUME}
     */
    public void copyUp(Path source, Volume volume) {
        attempt("fill the volume " + volume.name() + " from the image", () -> {
            if (read(volume.name())
                    .orElseThrow(() -> noSuchVolume(volume.name()))
                    .needsCopyUp()) {
                Path lock = volumes.toRealPath().resolve(volume.name()).resolve(LOCK);
                LockFile.holding(lock, () -> copyUpOnce(source, volume.name()));
            }
            return volume;
        });
    }

    private Volume copyUpOnce(Path source, String name) throws IOException {
        Volume volume = read(name).orElseThrow(() -> noSuchVolume(name));
        if (!volume.needsCopyUp()) {
            return volume;
        }
        if (Files.isDirectory(source, LinkOption.NOFOLLOW_LINKS) && isEmpty(volume.directory())) {
            DirectoryCopy.copy(source, volume.directory());
            VolumeOptions.parse(volume.options()).giveAway(volume.directory());
        }
        Volume mounted = new Volume(
                name,
                volume.directory(),
                volume.created(),
                volume.labels(),
                volume.options(),
                volume.anonymous(),
                false,
                volume.importer());
        writeRecord(volumes.resolve(name), mounted);
        return mounted;
    }

    /**
     * Writes a volume's content as a tar, as {@code podman volume export} does. What changes meanwhile may be in it or not.
     *
     * @throws EngineException with {@code NO_SUCH_VOLUME}
     */
    public void exportTo(OutputStream out, String name) {
        Volume volume = find(name).orElseThrow(() -> noSuchVolume(name));
        attempt("export the volume " + name, () -> {
            TarPlan plan = TarPlan.ofDirectory(volume.directory());
            plan.writeTo(out);
            return name;
        });
    }

    /**
     * Unpacks a tar (plain, gzip, zstd or bzip2) into a volume, over what it holds, as {@code podman volume import} does. A
     * failure on the way leaves what was unpacked until then.
     *
     * @throws EngineException with {@code NO_SUCH_VOLUME}; with {@code BAD_ARCHIVE} when it is damaged or no tar
     */
    public void importFrom(InputStream tar, String name) {
        Volume volume = find(name).orElseThrow(() -> noSuchVolume(name));
        attempt("import into the volume " + name, () -> {
            Path lock = volumes.toRealPath().resolve(name).resolve(LOCK);
            return LockFile.holding(lock, () -> {
                String source = "the archive for the volume " + name;
                InputStream plain = Compression.decompress(new BufferedInputStream(tar, BUFFER), source);
                TarExtractor.extract(plain, source, volume.directory(), ExtractionOptions.EXACT);
                return name;
            });
        });
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(volumes)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (isName(name) && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    names.add(name);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return names;
    }

    /** What is unfinished while nobody else holds the lock was left by somebody who died. */
    private void removeUnfinished() throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(volumes, UNFINISHED + "*")) {
            for (Path leftover : leftovers) {
                Trees.delete(leftover);
            }
        }
    }

    private Path dataOf(String name) {
        return volumes.resolve(name).resolve(DATA);
    }

    private Optional<Volume> read(String name) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(volumes.resolve(name).resolve(RECORD));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        JsonNode record = Json.MAPPER.readTree(content);
        try {
            Map<String, String> options = Json.MAPPER.convertValue(record.path("options"), TEXT_MAP);
            return Optional.of(new Volume(
                    name,
                    VolumeOptions.deviceOf(options).orElse(dataOf(name)),
                    Instant.parse(record.path("created").asText()),
                    Json.MAPPER.convertValue(record.path("labels"), TEXT_MAP),
                    options,
                    record.path("anonymous").asBoolean(),
                    record.path("needsCopyUp").asBoolean(),
                    Optional.of(record.path("importer").asText()).filter(id -> !id.isEmpty())));
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IOException(volumes.resolve(name).resolve(RECORD) + " is damaged", e);
        }
    }

    private static void writeRecord(Path directory, Volume volume) throws IOException {
        ObjectNode record = Json.MAPPER.createObjectNode();
        record.put("name", volume.name());
        record.put("created", volume.created().toString());
        record.set("labels", Json.MAPPER.valueToTree(volume.labels()));
        record.set("options", Json.MAPPER.valueToTree(volume.options()));
        record.put("anonymous", volume.anonymous());
        record.put("needsCopyUp", volume.needsCopyUp());
        volume.importer().ifPresent(id -> record.put("importer", id));
        Durable.writeAtomically(directory.resolve(RECORD), Json.MAPPER.writeValueAsBytes(record), PRIVATE_FILE);
    }

    private static boolean isName(String name) {
        return name.length() <= MAX_NAME && NAME.matcher(name).matches();
    }

    private static void checkName(String name) {
        if (!isName(name)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "running volume create option: names must match " + NAME + ": invalid argument");
        }
    }

    private static EngineException noSuchVolume(String name) {
        return new EngineException(
                EngineException.Code.NO_SUCH_VOLUME, "no volume with name \"" + name + "\" found: no such volume");
    }

    private <T> T locked(IoWork<T> work) throws IOException {
        return LockFile.holding(volumes.toRealPath().resolve(".lock"), work);
    }

    private static <T> T attempt(String what, IoWork<T> work) {
        try {
            return work.run();
        } catch (ArchiveException e) {
            throw new EngineException(EngineException.Code.BAD_ARCHIVE, "cannot " + what + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.IO, "cannot " + what + ": " + e.getMessage(), e);
        }
    }
}
