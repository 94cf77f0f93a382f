package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The many ways in which something is mounted into a container. */
final class MountFlagsTest {
    private static CtrRoot root;

    @BeforeAll
    static void importImages() {
        root = CtrRoot.create().withBusybox();
        root.ctr("import", "-c", "VOLUME /app", Busybox.tar().toString(), "withvolume");
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void overlaysKeepWhatIsWrittenFromTheSource() throws Exception {
        Path source = Files.createDirectory(root.directory().resolve("source"));
        Files.writeString(source.resolve("file"), "original");
        root.ctr("run", "-d", "--name", "over", "--network", "none", "-v", source + ":/over:O", "--mount",
                "type=image,src=bb,dst=/image", "--mount", "type=image,src=bb,dst=/writable,rw=true", "--mount",
                "type=devpts,dst=/terminals", "--mount", "type=tmpfs,dst=/small,tmpfs-size=1m,tmpfs-mode=0700", "bb",
                "sh", "-c", "echo changed > /over/file; echo w > /writable/new; sleep 1000");
        String script = "cat /over/file /image/etc/motd /writable/new; touch /image/x 2>&1; "
                + "awk '$2 == \"/terminals\" || $2 == \"/small\" { print $3 }' /proc/mounts | sort -r; stat -c %a /small";
        assertThat(root.ctr("exec", "over", "sh", "-c", script).lines())
                .containsExactly("changed", "welcome", "w", "touch: /image/x: Read-only file system", "tmpfs",
                        "devpts", "700");
        assertThat(source.resolve("file")).hasContent("original");
        assertThat(root.run("rmi", "bb").exitCode()).isNotZero();
        root.ctr("checkpoint", "over");
        root.ctr("restore", "over");
        assertThat(root.ctr("exec", "over", "cat", "/over/file")).isEqualTo("changed");
        root.ctr("stop", "-t", "0", "over");
        root.ctr("start", "over");
        root.ctr("rm", "-f", "-t", "0", "over");
        assertThat(source.resolve("file")).hasContent("original");
    }

    @Test
    void volumesAreBorrowedAndGoWithTheLastWhoHasThem() throws Exception {
        Path shared = Files.createDirectory(root.directory().resolve("lent"));
        root.ctr("run", "--name", "lender", "--network", "none", "-v", "/anonymous", "-v", "kept:/named:nocopy", "-v",
                shared + ":/bound", "bb", "sh", "-c", "echo a > /anonymous/f; echo n > /named/f; echo b > /bound/f");
        assertThat(root.ctr("run", "--name", "borrower", "--network", "none", "--volumes-from", "lender:ro", "bb", "sh",
                        "-c", "cat /anonymous/f /named/f /bound/f; touch /anonymous/x /named/x /bound/x 2>/dev/null; "
                                + "ls /anonymous /named /bound | grep -c x; true").lines())
                .containsExactly("a", "n", "b", "0");
        root.ctr("rm", "-v", "lender");
        assertThat(root.ctr("start", "-a", "borrower").lines()).startsWith("a", "n", "b");
        root.ctr("rm", "-v", "borrower");
        assertThat(root.run("run", "--rm", "--volumes-from", "nosuch", "bb", "true").failedWith(125))
                .contains("looking up container \"nosuch\" for volumes-from");
    }

    @Test
    void volumesOfTheImageAreVolumesOrTmpfsOrNothing() {
        String script = "cat /app/conf; awk '$2 == \"/app\" { print $3 }' /proc/mounts";
        assertThat(root.ctr("run", "--rm", "--network", "none", "--image-volume", "tmpfs", "withvolume", "sh", "-c",
                        script).lines())
                .containsExactly("from the image", "tmpfs");
        assertThat(root.ctr("run", "--rm", "--network", "none", "--image-volume", "ignore", "withvolume", "sh", "-c",
                        script).lines())
                .containsExactly("from the image");
        assertThat(root.ctr("run", "--rm", "--network", "none", "withvolume", "sh", "-c", script).lines())
                .hasSize(2)
                .startsWith("from the image");
    }

    @Test
    void aSourceIsGivenToTheUserWithoutFollowingLinks() throws Exception {
        Path owned = Files.createDirectories(root.directory().resolve("owned/below"));
        Path outside = Files.writeString(root.directory().resolve("outside"), "host's");
        Files.createSymbolicLink(owned.resolve("link"), outside);
        Path top = root.directory().resolve("owned");
        assertThat(root.ctr("run", "--rm", "--network", "none", "-u", "1234:55", "-v", top + ":/owned:U", "-v",
                        "ownvolume:/app:U", "bb", "sh", "-c",
                        "touch /owned/below/made /app/made; stat -c %u:%g /owned/below /app/conf").lines())
                .containsExactly("1234:55", "1234:55");
        assertThat(Files.getAttribute(outside, "unix:uid")).isEqualTo(0);
    }

    @Test
    void aReadOnlyRootHasTmpfsUnlessUnwanted() {
        String script = "touch /tmp/x /run/x 2>&1 | wc -l; touch /x 2>&1 | wc -l";
        assertThat(root.ctr("run", "--rm", "--network", "none", "--read-only", "bb", "sh", "-c", script).lines())
                .containsExactly("0", "1");
        assertThat(root.ctr("run", "--rm", "--network", "none", "--read-only", "--read-only-tmpfs=false", "bb", "sh",
                        "-c", script).lines())
                .first()
                .isNotEqualTo("0");
    }

    @Test
    void mountsThatMakeNoSenseAreRefused() {
        assertThat(root.run("create", "-v", "v:/x:bogus", "bb", "true").failedWith(125))
                .contains("invalid option type \"bogus\"");
        assertThat(root.run("create", "-v", "v:/x:ro,rw", "bb", "true").failedWith(125))
                .contains("can only specify 1");
        assertThat(root.run("create", "-v", "v:/x", "--tmpfs", "/x", "bb", "true").failedWith(125))
                .contains("/x: duplicate mount destination");
        assertThat(root.run("create", "--mount", "type=bogus,dst=/x", "bb", "true").failedWith(125))
                .contains("invalid filesystem type \"bogus\"");
        assertThat(root.run("create", "--mount", "type=image,src=nosuch,dst=/x", "bb", "true").failedWith(125))
                .contains("nosuch: image not known");
        assertThat(root.run("create", "--image-volume", "foo", "bb", "true").failedWith(125))
                .contains("invalid image volume mode \"foo\"");
    }
}
