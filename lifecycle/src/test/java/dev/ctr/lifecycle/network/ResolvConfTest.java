package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ResolvConfTest {
    private static final ResolvConf NOTHING = new ResolvConf(List.of(), List.of(), List.of());

    private static final String HOST_FILE = """
            # written by hand
            domain ignored.example
            search one.example two.example
            nameserver 127.0.0.1
            nameserver 192.0.2.53
            nameserver fe80::1%eth0
            nameserver ::1
            options ndots:2 timeout:1
            sortlist 192.0.2.0
            """;

    @Test
    void ownNetworkDropsNameServersOnLoopback() {
        assertThat(ResolvConf.onOwnNetwork(HOST_FILE, "", false, NOTHING).render())
                .isEqualTo("search one.example two.example\nnameserver 192.0.2.53\noptions ndots:2 timeout:1\n");
    }

    @Test
    void versionSixNameServersStayWhenTheContainerHasVersionSix() {
        assertThat(ResolvConf.onOwnNetwork(HOST_FILE, "", true, NOTHING).nameservers())
                .containsExactly("192.0.2.53", "fe80::1%eth0");
    }

    @Test
    void hostNetworkKeepsEverything() {
        assertThat(ResolvConf.onHostNetwork(HOST_FILE, NOTHING).nameservers())
                .containsExactly("127.0.0.1", "192.0.2.53", "fe80::1%eth0", "::1");
    }

    @Test
    void systemdsUpstreamServersReplaceItsStub() {
        ResolvConf conf = ResolvConf.onOwnNetwork(
                "nameserver 127.0.0.53\nsearch lan\n", "nameserver 192.0.2.1\n", false, NOTHING);

        assertThat(conf).isEqualTo(new ResolvConf(List.of("192.0.2.1"), List.of(), List.of()));
    }

    @Test
    void publicServersAreTheLastResort() {
        assertThat(ResolvConf.onOwnNetwork("nameserver 127.0.0.53\n", "", false, NOTHING)
                        .nameservers())
                .containsExactly("8.8.8.8", "8.8.4.4");
    }

    @Test
    void whatTheUserAsksForReplacesTheHosts() {
        ResolvConf wanted = new ResolvConf(List.of("127.0.0.1"), List.of("."), List.of("rotate"));

        assertThat(ResolvConf.onOwnNetwork(HOST_FILE, "", false, wanted).render())
                .isEqualTo("nameserver 127.0.0.1\noptions rotate\n");
    }
}
