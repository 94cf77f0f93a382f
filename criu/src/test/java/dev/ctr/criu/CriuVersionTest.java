package dev.ctr.criu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CriuVersionTest {
    @Test
    void readsWhatCriuPrints() {
        assertThat(CriuVersion.parse("Version: 4.2.1\nGitID: v4.2.1-3-gabc\n")).hasValue(new CriuVersion(4, 2, 1));
        assertThat(CriuVersion.parse("Version: 3.17\n")).hasValue(new CriuVersion(3, 17, 0));
        assertThat(CriuVersion.parse("no number")).isEmpty();
    }

    @Test
    void comparesAndCountsAsCriuDoes() {
        assertThat(new CriuVersion(4, 2, 1).numeric()).isEqualTo(40201);
        assertThat(new CriuVersion(3, 17, 1)).isLessThan(new CriuVersion(4, 0, 0));
        assertThat(new CriuVersion(4, 1, 1).isAtLeast(4, 2)).isFalse();
        assertThat(new CriuVersion(4, 2, 0).isAtLeast(4, 2)).isTrue();
        assertThat(new CriuVersion(4, 2, 0)).hasToString("4.2");
        assertThat(new CriuVersion(4, 2, 1)).hasToString("4.2.1");
    }
}
