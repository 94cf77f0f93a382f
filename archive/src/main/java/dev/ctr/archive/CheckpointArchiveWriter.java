package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.Durable;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Writes a checkpoint archive in one pass. Into a file it is all or nothing: until {@link #commit} everything goes to a hidden
 * file beside the target, and {@link #close} without a commit removes that. Not for concurrent use.
 */
public final class CheckpointArchiveWriter implements Closeable {
    private static final int BUFFER = 1 << 17;
    private static final int FILE_MODE = 0600;

    private final @Nullable Target target;
    private final CountingOutputStream compressed;
    private final SealedOutputStream sealed;
    private final CountingOutputStream raw;
    private final TarOutput tar;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Set<String> names = new HashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private ArchiveProgress progress = ArchiveProgress.NONE;
    private long expectedBytes;
    private String writer = "ctr";
    private ArchiveRequirements requirements = ArchiveRequirements.NONE;
    private @Nullable ArchiveChain chain;
    private State state = State.OPEN;

    private enum State {
        OPEN,
        FAILED,
        COMPLETE,
        COMMITTED,
        CLOSED
    }

    private record Target(Path file, Path temporary, WriteBehind content) {}

    private CheckpointArchiveWriter(
            @Nullable Target target,
            OutputStream out,
            Compression compression,
            int threads,
            Recipients recipients,
            ArchiveCopy copy)
            throws IOException {
        this.target = target;
        this.compressed = new CountingOutputStream(new BufferedOutputStream(out, BUFFER), count -> {});
        OutputStream plain = recipients.isEmpty() ? compressed : AgeFormat.encrypt(compressed, recipients);
        this.sealed = new SealedOutputStream(plain, Seal.of(compression));
        this.raw = new CountingOutputStream(
                new BufferedOutputStream(
                        copy.withTar(compression.compress(copy.withCompressed(sealed), threads)), BUFFER),
                this::report);
        this.tar = new TarOutput(raw);
    }

    /**
     * Starts an archive that will be at {@code target}, readable by its owner alone; a file that is there is replaced by the
     * commit. Anything but a file is refused: renaming over {@code /dev/null} would take it away.
     *
     * @param threads how many threads compress
     * @throws IOException if no file can be made in the target's directory
     */
    public static CheckpointArchiveWriter create(Path target, Compression compression, int threads) throws IOException {
        return create(target, compression, threads, Recipients.NONE, ArchiveCopy.NONE);
    }

    /**
     * As {@link #create(Path, Compression, int)}, encrypted for some if there are any.
     *
     * @param copy where else it goes, not encrypted
     */
    public static CheckpointArchiveWriter create(
            Path target, Compression compression, int threads, Recipients recipients, ArchiveCopy copy)
            throws IOException {
        Path absolute = replaceable(target);
        String suffix = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + "." + suffix + ".tmp");
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    temporary,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (NoSuchFileException e) {
            throw new IOException("cannot write the archive %s: there is no such directory".formatted(target), e);
        }
        WriteBehind content = new WriteBehind(channel);
        try {
            return new CheckpointArchiveWriter(
                    new Target(absolute, temporary, content), content, compression, threads, recipients, copy);
        } catch (IOException | RuntimeException e) {
            content.abandon();
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    private static Path replaceable(Path target) throws IOException {
        if (!Files.exists(target)) {
            return target.toAbsolutePath();
        }
        if (!Files.isRegularFile(target)) {
            throw new IOException("cannot write the archive %s: there is something that is no file; give another name"
                    .formatted(target));
        }
        return target.toRealPath();
    }

    /**
     * Starts an archive that goes to a stream, such as standard output, which stays open.
     *
     * @param threads how many threads compress
     */
    public static CheckpointArchiveWriter to(OutputStream out, Compression compression, int threads)
            throws IOException {
        return to(out, compression, threads, Recipients.NONE, ArchiveCopy.NONE);
    }

    /**
     * As {@link #to(OutputStream, Compression, int)}, encrypted for some if there are any.
     *
     * @param copy where else it goes, not encrypted
     */
    public static CheckpointArchiveWriter to(
            OutputStream out, Compression compression, int threads, Recipients recipients, ArchiveCopy copy)
            throws IOException {
        return new CheckpointArchiveWriter(null, new Uncloseable(out), compression, threads, recipients, copy);
    }

    /** Tells how the archive advances. {@code expectedBytes} is the size before compression, 0 if it is not known. */
    public void onProgress(ArchiveProgress listener, long expectedBytes) {
        this.progress = listener;
        this.expectedBytes = expectedBytes;
    }

    /** Says in the manifest which program writes, such as {@code ctr 0.1.0}. */
    public void writtenBy(String program) {
        this.writer = program;
    }

    /** Says in the manifest what a target must have. */
    public void requires(ArchiveRequirements needed) {
        this.requirements = needed;
    }

    /** Says in the manifest which levels of a chain of pre-checkpoints this archive holds. */
    public void chain(ArchiveChain place) {
        this.chain = place;
    }

    /** The file that is written until the commit; who finds one that a crash has left may remove it. */
    public Optional<Path> temporaryFile() {
        return Optional.ofNullable(target).map(Target::temporary);
    }

    /** Bytes written so far, before compression. */
    public long rawBytes() {
        return raw.count();
    }

    /** Bytes written so far to the file or stream; exact after the commit. */
    public long compressedBytes() {
        return compressed.count();
    }

    /** What could not be archived as it was. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Adds a file with this content. */
    public void addBytes(String name, byte[] content) throws IOException {
        add(name, () -> tar.add(file(name, content.length, now), out -> out.write(content)));
    }

    /** Adds a copy of a file, without its mode and owner. */
    public void addFile(String name, Path file) throws IOException {
        add(name, () -> {
            Path real = file.toRealPath();
            FileStatus status = FileStatus.of(real);
            if (!status.isRegular()) {
                throw new IOException("cannot archive %s: it is no file".formatted(file));
            }
            try (FileContents contents = FileContents.below(real.resolveSibling("."))) {
                String plain = FileNames.of(real.getFileName());
                tar.add(
                        file(name, status.size(), seconds(status)),
                        out -> contents.copy(plain, status.size(), out).ifPresent(warnings::add));
            }
        });
    }

    /** Adds an empty directory. */
    public void addDirectory(String name, int mode) throws IOException {
        String directory = directoryName(name);
        add(directory, () -> tar.add(TarEntry.plain(directory, Kind.DIRECTORY, mode, 0, now)));
    }

    /** Adds a directory with everything in it, under {@code name} in place of its own path. */
    public void addTree(String name, Path directory) throws IOException {
        String prefix = directoryName(name);
        add(prefix, () -> {
            TarPlan plan = DirectoryScan.scan(directory, prefix);
            try (FileContents contents = FileContents.below(directory)) {
                for (TarPlan.PlannedEntry planned : plan.entries()) {
                    long size = planned.entry().size();
                    tar.add(
                            planned.entry(),
                            out -> contents.copy(planned.path(), size, out).ifPresent(warnings::add));
                }
            }
            warnings.addAll(plan.warnings());
        });
    }

    /** Adds a tar as one file. */
    public void addTar(String name, TarPlan plan) throws IOException {
        add(name, () -> {
            tar.add(file(name, plan.size(), now), plan::writeTo);
            warnings.addAll(plan.warnings());
        });
    }

    /**
     * Ends the archive with its manifest and its seal. A file is not there yet, but the disk goes on taking it while the caller
     * does other things before the {@link #commit}.
     *
     * @throws IOException if anything failed, now or before; no file appears then
     */
    public void complete() throws IOException {
        if (state != State.OPEN) {
            throw new IllegalStateException("an archive that is " + state + " cannot be completed");
        }
        state = State.FAILED;
        writeManifest();
        raw.write(new byte[TarHeaders.END_SIZE]);
        raw.flush();
        sealed.sealAtClose();
        raw.close();
        state = State.COMPLETE;
    }

    /**
     * Ends the archive, if it is not {@link #complete}. A file is forced to the disk and then appears under its name, whole.
     *
     * @throws IOException if anything failed, now or before; no file appears then
     */
    public void commit() throws IOException {
        if (state != State.COMPLETE) {
            complete();
        }
        state = State.FAILED;
        if (target != null) {
            publish(target);
        }
        state = State.COMMITTED;
        report(raw.count());
    }

    private void writeManifest() throws IOException {
        byte[] manifest = ManifestJson.write(writer, now, requirements, Optional.ofNullable(chain), tar.list());
        if (manifest.length > ManifestJson.MAX_SIZE) {
            throw new IOException("the archive has too many entries, %d: its manifest would be larger than %d bytes"
                    .formatted(names.size(), ManifestJson.MAX_SIZE));
        }
        raw.write(TarHeaders.encode(file(ArchiveEntries.MANIFEST, manifest.length, now)));
        raw.write(manifest);
        raw.write(new byte[(int) (TarHeaders.padded(manifest.length) - manifest.length)]);
    }

    private static void publish(Target file) throws IOException {
        file.content().finish();
        Files.move(file.temporary(), file.file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path directory = file.file().getParent();
        if (directory != null) {
            Durable.syncDirectory(directory);
        }
    }

    /** Ends the writing. Without a commit nothing stays. */
    @Override
    public void close() throws IOException {
        if (state == State.COMMITTED || state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        tar.close();
        try {
            if (target != null) {
                target.content().abandon();
            }
            raw.close();
        } catch (IOException abandoned) {
            // The archive is thrown away: that its end could not be written does not matter.
        } finally {
            if (target != null) {
                Files.deleteIfExists(target.temporary());
            }
        }
    }

    private void add(String name, Writing writing) throws IOException {
        if (state != State.OPEN) {
            throw new IllegalStateException("nothing can be added to an archive that is " + state);
        }
        if (EntryPath.parse(name, "the new archive").isRoot()
                || name.equals(ArchiveEntries.MANIFEST)
                || !names.add(name)) {
            throw new IllegalArgumentException("an archive cannot have the entry \"" + name + "\", or not twice");
        }
        state = State.FAILED;
        writing.run();
        state = State.OPEN;
    }

    private static TarEntry file(String name, long size, Instant modified) {
        return TarEntry.plain(name, Kind.FILE, FILE_MODE, size, modified);
    }

    private void report(long count) {
        progress.advanced(count, expectedBytes);
    }

    private static Instant seconds(FileStatus status) {
        return status.modified().truncatedTo(ChronoUnit.SECONDS);
    }

    private static String directoryName(String name) {
        return name.endsWith("/") ? name : name + "/";
    }

    private interface Writing {
        void run() throws IOException;
    }

    private static final class Uncloseable extends FilterOutputStream {
        Uncloseable(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
