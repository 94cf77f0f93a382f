package dev.ctr.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class CriuConfigurationFileTest {
    @Test
    void writesOneOptionALine() {
        CriuConfigurationFile file = new CriuConfigurationFile()
                .with("tcp-close")
                .with("network-lock", "iptables")
                .with("action-script", "/a/gate")
                .with("network-lock", "nftables");

        assertThat(file).hasToString("tcp-close\nnetwork-lock=nftables\naction-script=/a/gate\n");
    }

    @Test
    void refusesWhatTheFormatCannotExpress() {
        CriuConfigurationFile file = new CriuConfigurationFile();

        assertThatThrownBy(() -> file.with("--tcp-close"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("CRIU has no option \"--tcp-close\"");
        for (String value : new String[] {"a\nleave-running", "a b", "a\tb"}) {
            assertThatThrownBy(() -> file.with("log-file", value))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("The value of log-file has a blank");
        }
    }
}
