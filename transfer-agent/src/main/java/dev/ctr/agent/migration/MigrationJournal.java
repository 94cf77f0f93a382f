package dev.ctr.agent.migration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.event.EventJournal;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The migrations of one root, {@code ROOT/migrations}: a small file for each and side, {@code SIDE-ID.json}, replaced as a whole and
 * forced to the disk; beside it {@code SIDE-ID.lock}, locked while the process lives that carries the migration out, and {@code
 * SIDE-ID/} for its files. Safe for concurrent use by any number of threads and processes.
 */
public final class MigrationJournal {
    private static final Duration KEPT = Duration.ofDays(7);
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final String SUFFIX = ".json";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** What this process owns: a lock on a file is a process's, and goes when any descriptor of the file is closed. */
    private static final Set<Path> OWNED = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final EventJournal events;

    /** @param root the engine's root; nothing is made there before the first migration */
    public MigrationJournal(Path root) {
        this.directory = root.resolve("migrations");
        this.events = new EventJournal(root);
    }

    /** The ownership of one migration, until it is closed or its process dies. */
    public static final class Ownership implements Closeable {
        private final Path file;
        private final FileChannel channel;

        private Ownership(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                OWNED.remove(file);
            }
        }
    }

    /** Writes a record, in place of the one before. When this returns it is on the disk. A change of state is an event. */
    void write(MigrationRecord entry) throws IOException {
        prepare();
        boolean changed = read(entry.side(), entry.migration())
                .filter(before -> before.state() == entry.state())
                .isEmpty();
        Durable.writeAtomically(file(entry.side(), entry.migration(), SUFFIX), JSON.writeValueAsBytes(entry), PRIVATE);
        if (changed) {
            events.record(entry.event());
        }
    }

    /** Makes a migration known. Old ones that are over and done with are forgotten. */
    void begin(MigrationRecord entry) throws IOException {
        prepare();
        sweep();
        if (read(entry.side(), entry.migration()).isPresent()) {
            throw new FileAlreadyExistsException("there was a migration " + entry.migration() + " before");
        }
        write(entry);
    }

    private void prepare() throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(PRIVATE_DIRECTORY));
        }
    }

    /** One side's record of a migration. */
    public Optional<MigrationRecord> read(Side side, MigrationId migration) throws IOException {
        return read(file(side, migration, SUFFIX));
    }

    private static Optional<MigrationRecord> read(Path file) throws IOException {
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file), MigrationRecord.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IOException("the journal " + file + " is damaged: " + e.getOriginalMessage(), e);
        }
    }

    /** All that this root knows of, oldest first. */
    public List<MigrationRecord> all() throws IOException {
        List<MigrationRecord> all = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "{source,target}-*" + SUFFIX)) {
                for (Path file : files) {
                    read(file).ifPresent(all::add);
                }
            }
        }
        all.sort(Comparator.comparing(MigrationRecord::begun));
        return all;
    }

    /** Those whose ID begins so. */
    public List<MigrationRecord> find(String beginning) throws IOException {
        return all().stream()
                .filter(entry -> entry.migration().hex().startsWith(beginning))
                .toList();
    }

    /** Becomes the one who carries a migration out; empty while another does. */
    Optional<Ownership> own(Side side, MigrationId migration) throws IOException {
        prepare();
        Path file = file(side, migration, ".lock").toAbsolutePath();
        if (!OWNED.add(file)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return Optional.of(new Ownership(file, channel));
            }
        } catch (IOException | RuntimeException e) {
            OWNED.remove(file);
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
        OWNED.remove(file);
        channel.close();
        return Optional.empty();
    }

    /** Whether a living process carries a migration out. */
    public boolean isOwned(MigrationRecord entry) throws IOException {
        if (entry.state().isFinal()) {
            return false;
        }
        try (Ownership free = own(entry.side(), entry.migration()).orElse(null)) {
            return free == null;
        }
    }

    /** Asks the process that carries a migration out to give it up. */
    public void requestCancel(Side side, MigrationId migration) throws IOException {
        prepare();
        Path file = file(side, migration, ".cancel");
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PRIVATE));
        }
    }

    boolean isCancelRequested(Side side, MigrationId migration) {
        return Files.exists(file(side, migration, ".cancel"));
    }

    /** A directory for a migration's files, made if it is not there. */
    Path files(Side side, MigrationId migration) throws IOException {
        prepare();
        Path files = file(side, migration, "");
        return Files.createDirectories(files, PosixFilePermissions.asFileAttribute(PRIVATE_DIRECTORY));
    }

    /** Deletes a migration's files, but not what is known of it. */
    void deleteFiles(Side side, MigrationId migration) throws IOException {
        Path files = file(side, migration, "");
        if (Files.exists(files)) {
            Trees.delete(files);
        }
        Files.deleteIfExists(file(side, migration, ".cancel"));
    }

    /** Forgets what has been over for long. What may still be asked for is kept for ever. */
    private void sweep() throws IOException {
        Instant limit = Instant.now().minus(KEPT);
        for (MigrationRecord entry : all()) {
            if (entry.state().isFinal() && entry.changed().isBefore(limit)) {
                deleteFiles(entry.side(), entry.migration());
                Files.deleteIfExists(file(entry.side(), entry.migration(), SUFFIX));
                Files.deleteIfExists(file(entry.side(), entry.migration(), ".lock"));
            }
        }
    }

    private Path file(Side side, MigrationId migration, String suffix) {
        return directory.resolve(side.word() + "-" + migration.hex() + suffix);
    }
}
