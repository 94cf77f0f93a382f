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
import java.nio.file.Files;
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
        assertThat(written(() -> container.copyToArchive("/links", sink))).doesNotContain(SECRET);
        assertThat(written(() -> container.export(sink, Progress.NONE))).doesNotContain(SECRET);
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
        Thread directories = new Thread(() -> flip(end, in.resolve("flip"), in.resolve("link"), in.resolve("held")));
        Thread files = new Thread(
                () -> flip(end, in.resolve("files/secret"), in.resolve("filelink"), in.resolve("heldfile")));
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
        assertThat(rounds).isGreaterThan(10);
        assertUntouched();
    }

    private void race() throws IOException {
        attempt(() -> assertThat(container.stat("/flip/secret").size()).isNotEqualTo(SECRET.length()));
        for (String path : List.of("/flip", "/flip/secret", "/files")) {
            assertThat(written(() -> container.copyToArchive(path, sink))).as(path).doesNotContain(SECRET);
        }
        copyIn("/flip");
        copyIn("/flip/secret");
        copyIn("/files");
        attempt(() -> container.copyFromArchive("/flip", tar(), new CopyOptions(true, true)));
        attempt(() -> container.copyFromArchive("/files", tar(), new CopyOptions(false, true)));
        assertThat(written(() -> container.export(sink, Progress.NONE))).doesNotContain(SECRET);
        attempt(() -> assertThat(container.diff())
                .extracting(RootfsChanges.Change::path)
                .doesNotContain("/link/secret", "/flip/only-on-the-host"));
    }

    private void copyIn(String path) {
        attempt(() -> engine.copy(
                new CopyLocation.OnHost(own().toString()),
                new CopyLocation.InContainer(container, path),
                new CopyOptions(true, true)));
    }

    /** A file to copy in, called as the secret and readable by all. */
    private Path own() throws IOException {
        Path own = root.directory().resolve("own/secret");
        if (!Files.exists(own)) {
            Files.createDirectory(own.getParent());
            Files.writeString(own, "from outside");
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
            Commands.run("tar", "-C", own.getParent().toString(), "-cf", own + ".tar", "secret")
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
            assertThat(files).containsExactly(canary);
        }
    }

    /** Lets two names change places as fast as can be, until told to end. */
    private static void flip(AtomicBoolean end, Path one, Path other, Path held) {
        while (!end.get()) {
            try {
                Files.move(one, held, StandardCopyOption.ATOMIC_MOVE);
                Files.move(other, one, StandardCopyOption.ATOMIC_MOVE);
                Files.move(held, other, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException taken) {
                swapBack(one, other, held);
            }
        }
    }

    /** A copy has put something in between. */
    private static void swapBack(Path one, Path other, Path held) {
        try {
            if (Files.exists(held, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                    && !Files.exists(other, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                Files.move(held, other, StandardCopyOption.ATOMIC_MOVE);
            } else if (!Files.exists(one, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                Files.move(held, one, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException again) {
            Thread.onSpinWait();
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
