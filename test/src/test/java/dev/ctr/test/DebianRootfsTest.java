package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A real distribution's root file system, of Debian's own packages from the mirror that apt is configured with, is imported
 * and runs. The packages are unpacked and not configured, which takes a fifth of debootstrap's time.
 */
final class DebianRootfsTest {
    private static final String PACKAGES = "base-files base-passwd bash coreutils apt dpkg libc-bin python3-minimal";

    private static CtrRoot root;

    @BeforeAll
    static void importDebian() throws IOException {
        assumeTrue(Commands.exists("apt-get") && Commands.exists("dpkg-deb"), "this host is no Debian");
        root = CtrRoot.create();
        try {
            Path work = Files.createDirectory(root.directory().resolve("debian"));
            assumeTrue(download(work).exitCode() == 0, "apt-get cannot download packages from its mirror");
            root.ctr("import", "-q", unpack(work).toString(), "debian");
        } catch (IOException | RuntimeException | Error e) {
            root.close();
            throw e;
        }
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    /** With an empty record of what is installed apt brings everything that the packages need. */
    private static CommandResult download(Path work) throws IOException {
        Path status = Files.createFile(work.resolve("status"));
        Path cache = Files.createDirectories(work.resolve("cache/archives/partial"));
        return Commands.run("sh", "-c", """
                apt-get -qq -y -o Dir::State::status=%s -o Dir::Cache=%s -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
                    --no-install-recommends --download-only install %s
                """.formatted(status, cache.getParent().getParent(), PACKAGES));
    }

    private static Path unpack(Path work) {
        Path tar = work.resolve("debian.tar");
        Commands.run("sh", "-c", """
                        cd %s && mkdir root && cd root &&
                        for d in bin sbin lib lib64; do mkdir -p usr/$d; ln -s usr/$d $d; done &&
                        for p in ../cache/archives/*.deb; do
                            dpkg-deb --fsys-tarfile "$p" | tar -x --keep-directory-symlink || exit 1
                        done &&
                        cp usr/share/base-passwd/passwd.master etc/passwd && cp usr/share/base-passwd/group.master etc/group &&
                        tar -cf %s .
                        """.formatted(work, tar)).succeeded();
        return tar;
    }

    @Test
    void itsProgramsRunAndAreCheckpointedAndRestored() {
        assertThat(root.ctr("run", "--rm", "--network", "none", "debian", "bash", "-c", ". /etc/os-release; echo $ID"))
                .isEqualTo("debian");
        assertThat(root.ctr("run", "--rm", "--network", "none", "debian", "apt-get", "--version"))
                .startsWith("apt ");
        root.ctr(
                "run", "-d", "--name", "python", "--network", "none", "debian", "python3", "-u", "-c",
                "import time\nn = 0\nwhile True:\n  print('tick', n); n += 1; time.sleep(0.05)");
        awaitTickAfter(0);
        root.ctr("checkpoint", "python");
        int before = ticks();
        root.ctr("restore", "python");
        awaitTickAfter(before);
        assertThat(Ticks.areComplete(root.ctr("logs", "python"))).isTrue();
        assertThat(root.ctr("exec", "python", "id", "-un")).isEqualTo("root");
    }

    private static int ticks() {
        return Ticks.last(root.ctr("logs", "python"));
    }

    private static void awaitTickAfter(int number) {
        await().atMost(30, TimeUnit.SECONDS).until(() -> ticks() > number);
    }
}
