package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hosts file that a container has mounted. */
final class LiveHostsTest {
    private static final String OWN = "127.0.0.1\tlocalhost\n10.100.0.2\tweb\n";

    @TempDir
    Path directory;

    @Test
    void othersComeAndGoWithoutATrace() {
        String one = LiveHosts.withOthers(OWN, List.of("10.100.0.3\tdb postgres"));
        String two = LiveHosts.withOthers(one, List.of("10.100.0.3\tdb postgres", "10.100.0.4\tcache"));

        assertThat(one).startsWith(OWN).contains("10.100.0.3\tdb postgres\n").doesNotContain("cache");
        assertThat(two).startsWith(OWN).contains("10.100.0.3\tdb postgres\n10.100.0.4\tcache\n");
        assertThat(LiveHosts.withOthers(two, List.of())).isEqualTo(OWN);
    }

    @Test
    void whatTheContainerAddedStays() {
        String changed = LiveHosts.withOthers(OWN, List.of("10.100.0.3\tdb")) + "192.0.2.1\tmine\n";

        assertThat(LiveHosts.withOthers(changed, List.of())).isEqualTo(OWN + "192.0.2.1\tmine\n");
    }

    @Test
    void namesThatTheContainerDefinesItselfAreItsOwn() {
        assertThat(LiveHosts.withOthers(OWN, List.of("10.100.0.3\tweb other", "10.100.0.4\tweb")))
                .contains("10.100.0.3\tother\n")
                .doesNotContain("10.100.0.4");
    }

    @Test
    void theFileStaysTheSameAndGetsShorterToo() throws IOException {
        Path hosts = Files.writeString(directory.resolve("hosts"), OWN);
        Object inode = Files.getAttribute(hosts, "unix:ino");

        LiveHosts.replaceOthers(hosts, List.of("10.100.0.3\tdb"));
        assertThat(hosts).content().contains("10.100.0.3\tdb\n");
        LiveHosts.replaceOthers(hosts, List.of());

        assertThat(hosts).hasContent(OWN);
        assertThat(Files.getAttribute(hosts, "unix:ino")).isEqualTo(inode);
    }

    @Test
    void ownAddressesAreReplacedBeforeTheOthers() throws IOException {
        Path hosts = Files.writeString(directory.resolve("hosts"), OWN);
        LiveHosts.replaceOthers(hosts, List.of("10.100.0.3\tdb"));

        LiveHosts.replaceOwn(hosts, List.of("10.100.0.2"), Map.of("10.100.1.2", List.of("web", "w")));

        assertThat(hosts)
                .content()
                .startsWith("127.0.0.1\tlocalhost\n10.100.1.2\tweb w\n#")
                .contains("10.100.0.3\tdb\n")
                .doesNotContain("10.100.0.2");
    }

    @Test
    void aLinkOrAFileThatWasFilledIsLeftAlone() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), OWN);
        Path big = Files.write(directory.resolve("big"), new byte[(1 << 20) + 1]);

        LiveHosts.replaceOthers(big, List.of("10.100.0.3\tdb"));
        try {
            LiveHosts.replaceOthers(
                    Files.createSymbolicLink(directory.resolve("link"), target), List.of("10.100.0.3\tdb"));
        } catch (IOException refused) {
            assertThat(refused).isNotNull();
        }
        LiveHosts.replaceOthers(directory.resolve("none"), List.of("10.100.0.3\tdb"));

        assertThat(big).hasSize((1 << 20) + 1);
        assertThat(target).hasContent(OWN);
        assertThat(directory.resolve("none")).doesNotExist();
    }
}
