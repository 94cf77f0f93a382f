package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.network.NetworkStatus.Address;
import dev.ctr.lifecycle.network.NetworkStatus.NetworkInterfaceStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HostsFileTest {
    private static final String HOST_FILE = """
            # the host's own
            127.0.0.1 localhost   machine # comment
            ::1 localhost ip6-localhost

            192.0.2.9\tprinter
            nonsense
            """;

    @Test
    void hostsEntriesAreKeptAndTheContainersOwnFollow() {
        HostsFile file =
                new HostsFile(HOST_FILE, List.of(), "10.88.0.1", List.of("10.88.0.7"), List.of("3f2a9c", "web"));

        assertThat(file.render()).isEqualTo("""
                        127.0.0.1\tlocalhost machine
                        ::1\tlocalhost ip6-localhost
                        192.0.2.9\tprinter
                        10.88.0.1\thost.containers.internal
                        10.88.0.7\t3f2a9c web
                        """);
    }

    @Test
    void localhostIsAddedToAnEmptyBase() {
        assertThat(new HostsFile("", List.of(), "", List.of("10.88.0.7"), List.of("web", "web")).render())
                .isEqualTo("127.0.0.1\tlocalhost\n::1\tlocalhost\n10.88.0.7\tweb\n");
    }

    @Test
    void whatTheUserAddsComesFirstAndWins() {
        HostsFile file = new HostsFile(
                HOST_FILE,
                List.of("db;database:192.0.2.5", "gate:host-gateway", "six:[2001:db8::1]", "web:192.0.2.6"),
                "10.88.0.1",
                List.of("10.88.0.7"),
                List.of("3f2a9c", "web"));

        assertThat(file.render())
                .startsWith("192.0.2.5\tdb database\n10.88.0.1\tgate\n2001:db8::1\tsix\n192.0.2.6\tweb\n127.0.0.1")
                .endsWith("10.88.0.7\t3f2a9c\n");
    }

    @Test
    void everyAddressOfTheContainerGetsItsNames() {
        assertThat(new HostsFile("", List.of(), "", List.of("10.88.0.7", "10.89.0.3"), List.of("web")).render())
                .endsWith("10.88.0.7\tweb\n10.89.0.3\tweb\n");
    }

    @Test
    void malformedEntryIsRefused() {
        assertThatThrownBy(() -> withAdded("db").render())
                .hasMessage("cannot add the host entry \"db\": write NAME:ADDRESS");
        assertThatThrownBy(() -> withAdded("db:nowhere").render())
                .hasMessage("cannot add the host entry \"db:nowhere\": \"nowhere\" is not an IP address");
        assertThatThrownBy(() -> withAdded("db:host-gateway").render())
                .hasMessage(
                        "cannot add the host entry \"db:host-gateway\": the container's network has no gateway to the"
                                + " host; write the host's address");
    }

    @Test
    void hostIsReachedAtTheFirstVersion4Gateway() {
        NetworkStatus six = status(new Address("fd00::7/64", "fd00::1"));
        NetworkStatus both = status(new Address("fd01::7/64", "fd01::1"), new Address("10.88.0.7/16", "10.88.0.1"));

        assertThat(HostsFile.hostAddress(List.of(six, both))).isEqualTo("10.88.0.1");
        assertThat(HostsFile.hostAddress(List.of(six))).isEqualTo("fd00::1");
        assertThat(HostsFile.hostAddress(List.of())).isEmpty();
    }

    private static HostsFile withAdded(String entry) {
        return new HostsFile("", List.of(entry), "", List.of(), List.of());
    }

    private static NetworkStatus status(Address... addresses) {
        return new NetworkStatus(
                Map.of("eth0", new NetworkInterfaceStatus(List.of(addresses), "")), List.of(), List.of());
    }
}
