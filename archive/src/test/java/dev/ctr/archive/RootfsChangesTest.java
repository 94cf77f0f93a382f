package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Xattrs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes made through a real overlay mount, applied to a second mount of the same image. */
class RootfsChangesTest {
    private static final String BASE = """
            mkdir -p etc/conf.d usr/bin var/log app/data/deep empty
            echo root > etc/passwd; echo motd > etc/motd; echo one > etc/conf.d/one; echo two > etc/conf.d/two
            echo date > usr/bin/date; chmod 755 usr/bin/date; ln -s usr/bin bin; ln -s /no/such/place logs
            echo conf > app/conf; echo x > app/data/x; echo y > app/data/y; echo z > app/data/deep/z
            echo hard > app/h1; ln app/h1 app/h2; echo old > below-only
            mkdir -p gone/with/content; echo c > gone/with/content/f; mkdir hidden; echo h > hidden/h
            """;

    /** A second layer that deletes, hides and replaces things of the first. */
    private static final String TOP = """
            mkdir -p etc app/data gone; echo top > etc/top; echo newer > app/data/y
            mknod below-only c 0 0; mknod gone/with c 0 0
            mkdir hidden; echo v > hidden/visible
            """;

    @TempDir
    Path temp;

    private List<Path> lowers = List.of();
    private Path sourceUpper = Path.of("");
    private Path source = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void mountImageTwice() throws IOException {
        assumeTrue(Machine.canSetXattr(temp, "trusted.overlay.opaque", (byte) 'y'), "needs trusted attributes (root)");
        Path base = Files.createDirectory(temp.resolve("base"));
        Path top = Files.createDirectory(temp.resolve("top"));
        Shell.run(base, BASE);
        Shell.run(top, TOP);
        Xattrs.set(top.resolve("hidden"), ExtendedAttributes.OPAQUE, new byte[] {'y'});
        Xattrs.set(top.resolve("app"), "user.image", new byte[] {1});
        Xattrs.set(top.resolve("app"), ExtendedAttributes.DEFAULT_ACL, Acl.withUser(6));
        lowers = List.of(top, base);
        sourceUpper = Files.createDirectory(temp.resolve("source-upper"));
        source = mount("source", sourceUpper);
        target = mount("target", Files.createDirectory(temp.resolve("target-upper")));
        // Changes that leave the root alone do not carry its time, which differs between two mounts.
        Files.setLastModifiedTime(target, Files.getLastModifiedTime(source));
    }

    private Path mount(String name, Path upper) throws IOException {
        Path work = Files.createDirectory(temp.resolve(name + "-work"));
        Path merged = Files.createDirectory(temp.resolve(name));
        String options = "lowerdir=%s:%s,upperdir=%s,workdir=%s".formatted(lowers.get(0), lowers.get(1), upper, work);
        try {
            Mounts.mount("overlay", merged, "overlay", 0, options);
        } catch (IOException e) {
            assumeTrue(false, "needs overlay mounts: " + e.getMessage());
        }
        return merged;
    }

    @AfterEach
    void unmount() throws IOException {
        for (Path merged : List.of(temp.resolve("source"), temp.resolve("target"))) {
            if (Files.exists(merged) && Mounts.isMounted(merged)) {
                Mounts.unmount(merged);
            }
        }
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of("nothing", "true", List.of()),
                Arguments.of("a new file", "echo n > etc/new", List.of()),
                Arguments.of("a modified file", "echo more >> app/conf", List.of()),
                Arguments.of("a modified file of the top layer", "echo more >> app/data/y", List.of()),
                Arguments.of("only a mode", "chmod 4711 usr/bin/date", List.of()),
                Arguments.of("only an owner", "chown 12:34 usr/bin/date", List.of()),
                Arguments.of("only a time", "touch -d '2001-02-03 04:05:06.7' etc/passwd", List.of()),
                Arguments.of("a directory's mode", "chmod 2700 app", List.of()),
                Arguments.of("the root's mode", "chmod 711 .", List.of()),
                Arguments.of("a deleted file", "rm etc/motd", List.of("/etc/motd")),
                Arguments.of("a deleted directory", "rm -r app/data", List.of("/app/data")),
                Arguments.of("a deleted link to a directory", "rm bin", List.of("/bin")),
                Arguments.of("deleted and made again", "rm etc/motd; echo again > etc/motd", List.of()),
                Arguments.of(
                        "a directory deleted and made again",
                        "rm -r app/data; mkdir app/data; echo n > app/data/y",
                        List.of("/app/data/deep", "/app/data/x")),
                Arguments.of(
                        "a directory made again with a directory in it",
                        "rm -r app; mkdir -p app/data/deep; echo n > app/data/deep/n",
                        List.of("/app/data/deep/z", "/app/data/x", "/app/data/y", "/app/conf", "/app/h1", "/app/h2")),
                Arguments.of(
                        "a directory made again empty",
                        "rm -r etc/conf.d; mkdir etc/conf.d",
                        List.of("/etc/conf.d/one", "/etc/conf.d/two")),
                Arguments.of(
                        "a file becomes a directory", "rm etc/motd; mkdir etc/motd; echo m > etc/motd/m", List.of()),
                Arguments.of("a directory becomes a file", "rm -r app/data; echo d > app/data", List.of()),
                Arguments.of("a directory becomes a link", "rm -r app/data; ln -s ../etc app/data", List.of()),
                Arguments.of("a link becomes a directory", "rm bin; mkdir bin; echo b > bin/b", List.of()),
                Arguments.of("a link becomes a file", "rm logs; echo l > logs", List.of()),
                Arguments.of("a file becomes a link", "rm etc/motd; ln -s passwd etc/motd", List.of()),
                Arguments.of("a renamed file", "mv etc/motd etc/moved", List.of("/etc/motd")),
                Arguments.of("a renamed directory", "cp -a app app2; rm -r app; mv app2 app3", List.of("/app")),
                Arguments.of(
                        "a renamed new directory",
                        "mkdir n1; echo 1 > n1/f; mv n1 n2; mv etc/motd n2/",
                        List.of("/etc/motd")),
                Arguments.of(
                        "a whiteout in a new directory",
                        "mkdir n; echo f > n/f; rm n/f; rm -r app/data; mkdir app/data;"
                                + " echo x > app/data/x; rm app/data/x",
                        List.of("/app/data/deep", "/app/data/x", "/app/data/y")),
                Arguments.of(
                        "a file of a deleted lower directory",
                        "echo b > below-only; mkdir gone/with; echo f > gone/with/f",
                        List.of()),
                Arguments.of(
                        "deleted in a directory that the image hides",
                        "rm hidden/visible; echo h > hidden/h",
                        List.of("/hidden/visible")),
                Arguments.of("a hard link of the image broken", "echo more >> app/h1", List.of()),
                Arguments.of("new hard links", "echo l > l1; ln l1 app/l2; ln l1 etc/l3", List.of()),
                Arguments.of("a hard link to a file of the image", "ln etc/passwd etc/passwd-", List.of()),
                Arguments.of("devices and fifos", "mknod app/null c 1 3; mkfifo app/fifo", List.of()),
                Arguments.of(
                        "names that need care",
                        "echo 1 > 'etc/sp ace'; echo 2 > $'etc/\\xff'; rm etc/motd; mkdir 'etc/motd'"
                                + "; echo x > etc/motd/.wh.x",
                        List.of()),
                Arguments.of(
                        "everything deleted",
                        "rm -rf * ",
                        List.of("/app", "/bin", "/empty", "/etc", "/gone", "/hidden", "/logs", "/usr", "/var")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theChangesMakeTheSameTree(String name, String script, List<String> expectedDeletions) throws IOException {
        Shell.run(source, "sleep 0.01; " + script);

        RootfsChanges changes = RootfsChanges.scan(sourceUpper, lowers, Set.of());
        apply(changes, target);

        TreeSnapshot.assertSame(target, source);
        assertThat(changes.deletedFiles()).containsExactlyInAnyOrderElementsOf(expectedDeletions);
    }

    @Test
    void attributesAreChangesToo() throws IOException {
        Xattrs.set(source.resolve("empty"), "user.new", new byte[] {1, 0, -1});
        Xattrs.set(source.resolve("etc/motd"), "user.new", new byte[0]);
        Xattrs.remove(source.resolve("app"), "user.image");
        Xattrs.remove(source.resolve("app"), ExtendedAttributes.DEFAULT_ACL);
        Shell.run(source, "echo n > app/new; mkdir app/new-directory");

        apply(RootfsChanges.scan(sourceUpper, lowers, Set.of()), target);

        TreeSnapshot.assertSame(target, source);
    }

    @Test
    void whatADirectoryInheritsIsNotGivenToNewFiles() throws IOException {
        Shell.run(source, "echo n > app/new; mkdir app/new-directory");
        for (String name : List.of("app/new", "app/new-directory")) {
            for (String attribute :
                    ExtendedAttributes.read(source.resolve(name)).keySet()) {
                Xattrs.remove(source.resolve(name), attribute);
            }
        }

        apply(RootfsChanges.scan(sourceUpper, lowers, Set.of()), target);

        TreeSnapshot.assertSame(target, source);
    }

    @Test
    void changesReadAsPodmanPrintsThem() throws IOException {
        Shell.run(
                source,
                "echo test > test.output; rm etc/motd; echo more >> app/conf; mkdir -p new/dir;" + " chmod 700 empty");

        assertThat(RootfsChanges.scan(sourceUpper, lowers, Set.of()).changes())
                .extracting(RootfsChanges.Change::toString)
                .containsExactly(
                        "C /app/conf", "C /empty", "C /etc", "D /etc/motd", "A /new", "A /new/dir", "A /test.output");
    }

    @Test
    void anUnchangedTreeHasNoChanges() throws IOException {
        Shell.run(source, "cat etc/passwd; ls app");

        assertThat(RootfsChanges.scan(sourceUpper, lowers, Set.of()).isEmpty()).isTrue();
    }

    @Test
    void mountPointsAreLeftOutWithAllThatIsBelow() throws IOException {
        Shell.run(source, """
                echo h > etc/hosts; mkdir -p dev/pts proc mnt/data/sub run/secrets app/data; echo d > mnt/data/sub/f
                echo x > app/data/new; rm app/data/x; echo kept > mnt/kept; rm etc/motd; echo c > app/conf
                """);

        RootfsChanges changes = RootfsChanges.scan(
                sourceUpper,
                lowers,
                Set.of("/dev", "/proc/", "/etc/hosts", "/etc/motd", "/run/secrets", "mnt/data", "/app/data"));

        assertThat(changes.tarPlan().entries())
                .extracting(planned -> planned.entry().name())
                .containsExactly(
                        "./",
                        "app/",
                        "app/conf",
                        "dev/",
                        "etc/",
                        "mnt/",
                        "mnt/data/",
                        "mnt/kept",
                        "proc/",
                        "run/",
                        "run/secrets/");
        assertThat(changes.deletedFiles()).isEmpty();
    }

    @Test
    void renamedDirectoriesAreRefusedWhereOverlayRedirectsThem() throws IOException {
        Mounts.unmount(source);
        String options = "lowerdir=%s:%s,upperdir=%s,workdir=%s,redirect_dir=on"
                .formatted(lowers.get(0), lowers.get(1), sourceUpper, temp.resolve("source-work"));
        Mounts.mount("overlay", source, "overlay", 0, options);
        Shell.run(source, "mv app moved");

        assertThatThrownBy(() -> RootfsChanges.scan(sourceUpper, lowers, Set.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("moved")
                .hasMessageContaining("redirect_dir=off");
    }

    @Test
    void contentThatOverlayLeftBelowIsRefused() throws IOException {
        Mounts.unmount(source);
        String options = "lowerdir=%s:%s,upperdir=%s,workdir=%s,metacopy=on"
                .formatted(lowers.get(0), lowers.get(1), sourceUpper, temp.resolve("source-work"));
        Mounts.mount("overlay", source, "overlay", 0, options);
        Shell.run(source, "chmod 600 app/conf");

        assertThatThrownBy(() -> RootfsChanges.scan(sourceUpper, lowers, Set.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("metacopy=off");
    }

    private static void apply(RootfsChanges changes, Path root) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        changes.tarPlan().writeTo(tar);
        assertThat((long) tar.size()).isEqualTo(changes.tarPlan().size());
        TarExtractor.Result result = TarExtractor.extract(
                new ByteArrayInputStream(tar.toByteArray()), "rootfs-diff.tar", root, ExtractionOptions.EXACT);
        TarExtractor.deleteInside(root, changes.deletedFiles());
        assertThat(result.warnings()).isEmpty();
    }
}
