package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.EngineException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PortMappingTest {
    @ParameterizedTest
    @CsvSource({
        "80,                          '',        80, 0,    1,  tcp",
        "8080:80,                     '',        80, 8080, 1,  tcp",
        "8080:80/UDP,                 '',        80, 8080, 1,  udp",
        ":80,                         '',        80, 0,    1,  tcp",
        "127.0.0.1:8080:80,           127.0.0.1, 80, 8080, 1,  tcp",
        "127.0.0.1::80,               127.0.0.1, 80, 0,    1,  tcp",
        "8080-8090:80-90/udp,         '',        80, 8080, 11, udp",
        "80-82,                       '',        80, 0,    3,  tcp",
        "[::1]:80:80,                 ::1,       80, 80,   1,  tcp",
        "[2001:db8::1]::53/sctp,      2001:db8::1, 53, 0,  1,  sctp",
    })
    void formsOfPublishAreRead(String text, String hostIp, int container, int host, int range, String protocol) {
        assertThat(PortMapping.parse(text)).isEqualTo(new PortMapping(hostIp, container, host, range, protocol));
    }

    @ParameterizedTest
    @CsvSource({"80/tcp", "8080:80/tcp", "127.0.0.1::80/tcp", "[::1]:80-81:90-91/udp", "127.0.0.1:8080:80/tcp"})
    void textOfAMappingReadsBack(String text) {
        assertThat(PortMapping.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "8080:x         | \"x\" is not a port from 1 to 65535",
                "0:80           | \"0\" is not a port from 1 to 65535",
                "65536:80       | \"65536\" is not a port from 1 to 65535",
                "''             | \"\" is not a port from 1 to 65535",
                "8080:          | \"\" is not a port from 1 to 65535",
                "80/http        | \"http\" is not tcp, udp or sctp",
                "80-81:80       | its ranges differ: 2 host ports, 1 container ports",
                "90-80          | the range 90-80 ends before it begins",
                "localhost:80:80| \"localhost\" is not an IP address",
                ":80:80         | \"\" is not an IP address",
                "[::1]80:80     | an address in brackets is followed by a colon and ports",
                "[::1]:80       | write [[IP:][HOSTPORT]:]PORT[/PROTOCOL], an IPv6 address in brackets",
                "1:2:3:4        | write [[IP:][HOSTPORT]:]PORT[/PROTOCOL], an IPv6 address in brackets",
            })
    void anythingElseIsRefusedWithTheReason(String text, String reason) {
        assertThatThrownBy(() -> PortMapping.parse(text))
                .isInstanceOf(EngineException.class)
                .hasMessage("cannot publish \"" + text + "\": " + reason);
    }

    @Test
    void mappingSaidTwiceCountsOnce() {
        assertThat(PortMapping.merge(List.of(PortMapping.parse("8080:80"), PortMapping.parse("8080:80/tcp"))))
                .containsExactly(PortMapping.parse("8080:80"));
    }

    @Test
    void neighboursAreOneRangeWhateverTheirOrder() {
        assertThat(PortMapping.merge(List.of(
                        PortMapping.parse("8082:82"),
                        PortMapping.parse("9000:90"),
                        PortMapping.parse("8080:80"),
                        PortMapping.parse("8081:81"),
                        PortMapping.parse("8083:84"))))
                .containsExactly(
                        PortMapping.parse("8080-8082:80-82"),
                        PortMapping.parse("9000:90"),
                        PortMapping.parse("8083:84"));
    }

    @Test
    void twoFreePortsForOneContainerPortAreTwo() {
        assertThat(PortMapping.merge(List.of(PortMapping.parse("80"), PortMapping.parse("80"))))
                .hasSize(2);
    }

    @Test
    void sameHostPortForTwoContainerPortsIsRefused() {
        assertThatThrownBy(() -> PortMapping.merge(
                        List.of(PortMapping.parse("8080-8082:80-82"), PortMapping.parse("127.0.0.1:8082:90"))))
                .hasMessage("cannot publish \"127.0.0.1:8082:90/tcp\": it uses the same host port as"
                        + " 8080-8082:80-82/tcp");
    }

    @ParameterizedTest
    @CsvSource({"8080:80/tcp, 8080:80/udp", "127.0.0.1:80:80, 127.0.0.2:80:81", "0.0.0.0:80:80, [::1]:80:81"})
    void differentProtocolsAndAddressesGoTogether(String one, String other) {
        assertThat(PortMapping.merge(List.of(PortMapping.parse(one), PortMapping.parse(other))))
                .hasSize(2);
    }

    @Test
    void portsThatDoNotExistAreRefused() {
        assertThatThrownBy(() -> PortMapping.merge(List.of(new PortMapping("", 65535, 80, 2, "tcp"))))
                .hasMessageContaining("container ports go from 1 to 65535");
        assertThatThrownBy(() -> PortMapping.merge(List.of(new PortMapping("", 80, 65535, 2, "tcp"))))
                .hasMessageContaining("host ports go from 1 to 65535");
    }
}
