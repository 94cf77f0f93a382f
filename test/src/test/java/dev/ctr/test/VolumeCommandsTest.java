package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Volumes are made, told of, filled, emptied out and removed as podman does. */
final class VolumeCommandsTest {
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static Path data(String volume) {
        return Path.of(root.ctr("volume", "inspect", "-f", "{{.Mountpoint}}", volume));
    }

    @Test
    void aVolumeIsMadeListedAndRemoved() {
        assertThat(root.ctr("volume", "create", "--label", "tier=db", "listed")).isEqualTo("listed");
        assertThat(root.run("volume", "create", "listed").failedWith(125))
                .isEqualTo("Error: volume with name listed already exists: volume already exists");
        assertThat(root.ctr("volume", "create")).matches("[0-9a-f]{64}");
        assertThat(root.ctr("volume", "ls").lines().findFirst().orElseThrow()).isEqualTo("DRIVER      VOLUME NAME");
        assertThat(root.ctr("volume", "ls", "-q", "-f", "label=tier=db")).isEqualTo("listed");
        assertThat(root.ctr("volume", "ls", "-q", "-f", "name=list", "-f", "driver=local"))
                .isEqualTo("listed");
        assertThat(root.run("volume", "ls", "-f", "colour=red").failedWith(125))
                .isEqualTo("Error: \"colour\" is an invalid volume filter");
        JsonNode volume = JsonOutput.of(root.ctr("volume", "inspect", "listed")).get(0);
        assertThat(JsonOutput.keys(volume))
                .contains(
                        "Name", "Driver", "Mountpoint", "CreatedAt", "Labels", "Scope", "Options", "MountCount",
                        "NeedsCopyUp");
        assertThat(root.run("volume", "exists", "listed").exitCode()).isZero();
        assertThat(root.ctr("volume", "rm", "listed")).isEqualTo("listed");
        assertThat(root.run("volume", "exists", "listed").exitCode()).isEqualTo(1);
        assertThat(root.run("volume", "rm", "listed").failedWith(1)).contains("no such volume");
    }

    @Test
    void contentGoesOutAndComesInWithOwnersModesAndLinks() throws IOException {
        root.ctr("volume", "create", "from");
        root.ctr(
                "run", "--rm", "--network", "none", "-v", "from:/d", "bb", "sh", "-c",
                "echo hello >/d/f; chown 12:34 /d/f; chmod 640 /d/f; ln /d/f /d/hard; ln -s f /d/soft; mkdir /d/e");
        Path tar = root.directory().resolve("from.tar");
        root.ctr("volume", "export", "-o", tar.toString(), "from");
        assertThat(Commands.run("tar", "-tf", tar.toString()).succeeded().lines())
                .anyMatch(name -> name.replaceFirst("^\\./", "").equals("hard"));
        root.ctr("volume", "create", "to");
        root.ctr("volume", "import", "to", tar.toString());
        Path copy = data("to");
        assertThat(copy.resolve("hard")).hasContent("hello");
        assertThat(Files.getAttribute(copy.resolve("f"), "unix:uid")).isEqualTo(12);
        assertThat(Files.getAttribute(copy.resolve("f"), "unix:nlink")).isEqualTo(2);
        assertThat(Files.readSymbolicLink(copy.resolve("soft"))).isEqualTo(Path.of("f"));
        String pipe = String.join(" ", root.command("volume", "export", "from")) + " | "
                + String.join(" ", root.command("volume", "import", "piped", "-"));
        root.ctr("volume", "create", "piped");
        Commands.run("sh", "-c", pipe).succeeded();
        assertThat(data("piped").resolve("f")).hasContent("hello");
        assertThat(root.run("volume", "export", "nothing").failedWith(125)).contains("no such volume");
        assertThat(root.run("volume", "import", "nothing", tar.toString()).failedWith(125))
                .contains("no such volume");
        Path noTar = Files.writeString(root.directory().resolve("no.tar"), "this is no tar".repeat(100));
        assertThat(root.run("volume", "import", "to", noTar.toString()).failedWith(125))
                .contains("cannot import into the volume to");
    }

    @Test
    void anArchiveDoesNotWriteThroughALinkInTheVolume() throws IOException {
        Path outside = Files.createDirectory(root.directory().resolve("outside"));
        root.ctr("volume", "create", "trap");
        Files.createSymbolicLink(data("trap").resolve("d"), outside);
        Path tree = Files.createDirectories(root.directory().resolve("tree/d"));
        Files.writeString(tree.resolve("evil"), "x");
        Path tar = root.directory().resolve("evil.tar");
        Commands.run("tar", "-C", tree.getParent().toString(), "-cf", tar.toString(), "d/evil")
                .succeeded();
        root.run("volume", "import", "trap", tar.toString());
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void onlyVolumesThatNobodyNeedsArePrunedOrRemoved() {
        try (CtrRoot own = CtrRoot.create().withBusybox()) {
            own.ctr("volume", "create", "spare");
            String user = own.ctr("create", "--network", "none", "-v", "used:/d", "bb", "true");
            assertThat(own.run("volume", "rm", "used").failedWith(2))
                    .isEqualTo("Error: volume used is being used by the following container(s): " + user
                            + ": volume is being used");
            CommandResult unanswered = own.run("volume", "prune");
            assertThat(unanswered.exitCode()).isEqualTo(125);
            assertThat(unanswered.output()).contains("WARNING!", "spare").doesNotContain("used:");
            assertThat(own.ctr("volume", "prune", "-f")).isEqualTo("spare");
            assertThat(own.ctr("volume", "ls", "-q")).isEqualTo("used");
            assertThat(own.ctr("volume", "rm", "-f", "used")).isEqualTo("used");
            assertThat(own.ctr("ps", "-a", "-q")).isEmpty();
        }
    }

    @Test
    void aVolumeMayBeADirectoryOfTheHostOrHaveAnotherOwner() throws IOException {
        Path device = Files.createDirectory(root.directory().resolve("device"));
        root.ctr("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", "device=" + device, "bound");
        root.ctr("run", "--rm", "--network", "none", "-v", "bound:/d", "bb", "sh", "-c", "echo here >/d/f");
        assertThat(device.resolve("f")).hasContent("here");
        root.ctr("volume", "rm", "bound");
        assertThat(device.resolve("f")).hasContent("here");
        root.ctr("volume", "create", "-o", "o=uid=12,gid=34", "owned");
        assertThat(Files.getAttribute(data("owned"), "unix:uid")).isEqualTo(12);
        assertThat(root.run("volume", "create", "-o", "type=tmpfs", "memory").failedWith(125))
                .contains("type=tmpfs is not supported", "--tmpfs");
        assertThat(root.run("volume", "create", "-o", "colour=red", "bad").failedWith(125))
                .contains("invalid mount option colour for driver 'local'");
        assertThat(root.run("volume", "create", "--driver", "nfs", "bad").failedWith(125))
                .contains("no volume plugin with name nfs available");
        assertThat(root.run("volume", "exists", "bad").exitCode()).isEqualTo(1);
    }
}
