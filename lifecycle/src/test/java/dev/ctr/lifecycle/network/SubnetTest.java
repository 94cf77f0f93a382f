package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SubnetTest {
    @Test
    void bitsAfterThePrefixAreDropped() {
        assertThat(Subnet.parse("10.88.7.9/16")).isEqualTo(Subnet.parse("10.88.0.0/16"));
        assertThat(Subnet.parse("10.88.7.9/13")).hasToString("10.88.0.0/13");
    }

    @ParameterizedTest
    @CsvSource({
        "10.88.0.0/16, 10.88.3.0/24, true",
        "10.88.3.0/24, 10.88.0.0/16, true",
        "10.88.0.0/16, 10.89.0.0/16, false",
        "0.0.0.0/0,    10.89.0.0/16, true",
        "10.88.0.0/16, fd00::/8,     false",
    })
    void overlapIsSeenFromBothSides(String one, String other, boolean overlaps) {
        assertThat(Subnet.parse(one).overlaps(Subnet.parse(other))).isEqualTo(overlaps);
    }

    @Test
    void firstHostFollowsTheNetworkAddress() {
        assertThat(Subnet.parse("10.88.0.0/16").firstHost()).isEqualTo(address("10.88.0.1"));
        assertThat(Subnet.parse("0.0.0.0/8").firstHost()).isEqualTo(address("0.0.0.1"));
        assertThat(Subnet.parse("fd00:1::/64").firstHost()).isEqualTo(address("fd00:1::1"));
    }

    @ParameterizedTest
    @CsvSource({
        "10.88.0.0/16, 10.88.0.2,    true",
        "10.88.0.0/16, 10.88.0.0,    false",
        "10.88.0.0/16, 10.88.255.255, false",
        "10.88.0.0/16, 10.89.0.1,    false",
        "10.88.0.0/16, fd00::1,      false",
        "fd00::/64,    fd00::1,      true",
    })
    void hostsAreAllButTheEndsOfASubnet(String subnet, String address, boolean isHost) {
        assertThat(Subnet.parse(subnet).canBelongToHost(address(address))).isEqualTo(isHost);
    }

    @ParameterizedTest
    @CsvSource({"10.88.0.0", "10.88.0.0/33", "10.88.0/16", "host/16", "10.88.0.0/x", "256.1.1.1/8"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Subnet.parse(text)).hasMessageContaining("\"" + text + "\" is not a subnet");
    }

    private static InetAddress address(String text) {
        return AddressLiteral.parse(text).orElseThrow();
    }
}
