package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.archive.RootfsChanges;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CopyLocation;
import dev.ctr.lifecycle.CopyOptions;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Progress;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing that a container does with its files makes a call of ctr read or write files of the host. */
class ConfinementTest {
    private static final String SECRET = "a secret of the host";
    private static final String HOST_NAME = "only-on-the-host";
    private static final Duration RACE = Duration.ofSeconds(3);

    private final CtrRoot root = CtrRoot.create();
    private final Engine engine = root.engine(List.of());
    private final Path host = root.directory().resolve("host");
    private final Path canary = host.resolve("secret");
    private Container container;

    @BeforeEach
    void run() throws IOException {
        Files.createDirectory(host);
        Files.writeString(canary, SECRET);
        Files.createFile(host.resolve(HOST_NAME));
        Files.setPosixFilePermissions(canary, PosixFilePermissions.fromString("rw-------"));
        engine.images().importTar(Files.newInputStream(Busybox.tar()), ImportOptions.named("bb"));
        container = engine.create(
                CreateOptions.fromImage("bb").name("c").network("none").command(List.of("sleep", "1000")));
        container.start();
    }

    @AfterEach
    void close() {
        try (root) {
            engine.containers().forEach(each -> each.remove(true, true, Optional.of(Duration.ZERO)));
        }
    }

    /** What the container's root directory is for its own processes: what is done here, it could do. */
    private Path inside() {
        return Path.of("/proc", Long.toString(container.state().pid()), "root");
    }

    @Test
    void linksAndMagicLinksLeadNowhereButIntoTheContainer() throws IOException {
        Path in = inside();
        Files.createDirectory(in.resolve("links"));
        Files.createSymbolicLink(in.resolve("links/absolute"), canary);
        Files.createSymbolicLink(in.resolve("links/up"), Path.of("../../../../../../../../../.." + canary));
        Files.createSymbolicLink(in.resolve("links/chain"), Path.of("absolute"));
        Files.createSymbolicLink(in.resolve("links/dir"), host);
        Files.createSymbolicLink(in.resolve("links/magic"), Path.of("/proc/self/root" + canary));
        Files.createSymbolicLink(in.resolve("links/first"), Path.of("/proc/1/root" + canary));
        Files.createSymbolicLink(in.resolve("links/loop"), Path.of("loop"));
        List<String> paths = List.of(
                "/links/absolute",
                "/links/up",
                "/links/chain",
                "/links/dir/secret",
                "/links/magic",
                "/links/first",
                "/links/loop",
                "/../../../.." + canary,
                "/proc/self/root" + canary,
                "/proc/1/root" + canary,
                "/proc/1/cwd" + canary,
                "/proc/self/cwd/../.." + canary);
        Path out = root.directory().resolve("out");
        for (String path : paths) {
            assertThat(failureOf(() -> container.stat(path))).as(path).contains("could not be found on container c");
            assertThat(failureOf(() -> container.copyToArchive(path, new ByteArrayOutputStream())))
                    .as(path)
                    .contains("could not be found on container c");
            copyIn(path);
            attempt(() -> engine.copy(
                    new CopyLocation.InContainer(container, path),
                    new CopyLocation.OnHost(out.toString()),
                    CopyOptions.DEFAULT));
            assertThat(out).as(path).doesNotExist();
        }
        assertUntouched();
        assertThat(written(() -> container.copyToArchive("/links", sink))).doesNotContain(SECRET, HOST_NAME);
        assertThat(written(() -> container.export(sink, Progress.NONE))).doesNotContain(SECRET, HOST_NAME);
    }

    @Test
    void aContainerThatSwapsDirectoriesAndLinksMeanwhileGainsNothing() throws Exception {
        Path in = inside();
        Files.createDirectory(in.resolve("flip"));
        Files.writeString(in.resolve("flip/secret"), "inside");
        Files.createDirectory(in.resolve("flip/sub"));
        Files.createSymbolicLink(in.resolve("link"), host);
        Files.createDirectory(in.resolve("files"));
        Files.createSymbolicLink(in.resolve("filelink"), canary);
        AtomicBoolean end = new AtomicBoolean();
        assertThat(Files.isSymbolicLink(in.resolve("link"))).isTrue();
        Thread directories =
                new Thread(() -> flip(end, host, in.resolve("flip"), in.resolve("link"), in.resolve("held")));
        Thread files = new Thread(
                () -> flip(end, canary, in.resolve("files/secret"), in.resolve("filelink"), in.resolve("heldfile")));
        directories.start();
        files.start();
        int rounds = 0;
        try {
            long deadline = System.nanoTime() + RACE.toNanos();
            while (System.nanoTime() < deadline) {
                race();
                rounds++;
            }
        } finally {
            end.set(true);
            directories.join();
            files.join();
        }
        assertThat(rounds).isGreaterThan(1);
        assertThat(List.of(in.resolve("flip"), in.resolve("link"), in.resolve("held")))
                .as("the container was able to go on swapping to the end")
                .anyMatch(Files::isSymbolicLink)
                .anyMatch(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
        assertUntouched();
    }

    private void race() throws IOException {
        attempt(() -> assertThat(container.stat("/flip/secret").size()).isNotEqualTo(SECRET.length()));
        for (String path : List.of("/flip", "/flip/secret", "/files")) {
            assertThat(written(() -> container.copyToArchive(path, sink)))
                    .as(path)
                    .doesNotContain(SECRET, HOST_NAME);
        }
        copyIn("/flip");
        copyIn("/flip/secret");
        copyIn("/files");
        attempt(() -> container.copyFromArchive("/flip", tar(), CopyOptions.DEFAULT));
        attempt(() -> container.copyFromArchive("/files", tar(), new CopyOptions(false, true)));
        assertThat(written(() -> container.export(sink, Progress.NONE))).doesNotContain(SECRET, HOST_NAME);
        attempt(() -> assertThat(container.diff())
                .extracting(RootfsChanges.Change::path)
                .noneMatch(path -> path.contains(HOST_NAME)));
    }

    private void copyIn(String path) {
        attempt(() -> engine.copy(
                new CopyLocation.OnHost(own().toString()),
                new CopyLocation.InContainer(container, path),
                CopyOptions.DEFAULT));
    }

    /** A file to copy in, called as the secret and readable by all. */
    private Path own() throws IOException {
        Path directory = root.directory().resolve("own");
        Path own = directory.resolve("secret");
        if (!Files.exists(own)) {
            Files.createDirectory(directory);
            Files.writeString(own, "from outside");
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
            Commands.run("tar", "-C", directory.toString(), "-cf", own + ".tar", "secret")
                    .succeeded();
        }
        return own;
    }

    private ByteArrayInputStream tar() throws IOException {
        return new ByteArrayInputStream(Files.readAllBytes(Path.of(own() + ".tar")));
    }

    private void assertUntouched() throws IOException {
        assertThat(canary).hasContent(SECRET);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(canary)))
                .isEqualTo("rw-------");
        try (var files = Files.list(host)) {
            assertThat(files).containsExactlyInAnyOrder(canary, host.resolve(HOST_NAME));
        }
    }

    /** Lets two names change places as fast as can be, until told to end. One of them is a link, or becomes one again. */
    private static void flip(AtomicBoolean end, Path target, Path one, Path other, Path held) {
        try {
            while (!end.get()) {
                place(end, one, held);
                place(end, other, one);
                place(end, held, other);
                if (!Files.isSymbolicLink(one) && !Files.isSymbolicLink(other)) {
                    linkAgain(Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS) ? one : other, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the link back that a copy has replaced by a file. */
    private static void linkAgain(Path link, Path target) throws IOException {
        try {
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, target);
        } catch (FileAlreadyExistsException replacedJustNow) {
            Thread.onSpinWait();
        }
    }

    /** Renames, although a copy may have put a file there since the name was free. */
    private static void place(AtomicBoolean end, Path from, Path to) throws IOException {
        while (!end.get()) {
            try {
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (NoSuchFileException replacedJustNow) {
                Thread.onSpinWait();
            } catch (IOException taken) {
                Files.deleteIfExists(to);
            }
        }
    }

    private ByteArrayOutputStream sink = new ByteArrayOutputStream();

    private interface Action {
        void run() throws IOException;
    }

    /** Runs what may fail in a container that is never the same, and returns what it wrote until then. */
    private String written(Action action) {
        sink = new ByteArrayOutputStream();
        attempt(action);
        return sink.toString(StandardCharsets.ISO_8859_1);
    }

    private static void attempt(Action action) {
        try {
            action.run();
        } catch (EngineException allowed) {
            assertThat(allowed).hasMessageNotContaining(SECRET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String failureOf(Runnable action) {
        try {
            action.run();
            return "nothing failed";
        } catch (EngineException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
