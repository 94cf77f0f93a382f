package dev.ctr.criu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SearchPathTest {
    @Test
    void ownProgramsComeFirstAndStandardDirectoriesAreNotMissed() {
        assertThat(Criu.searchPath("/opt/bin:/usr/bin"))
                .isEqualTo(
                        "/usr/local/lib/ctr/bin:/opt/bin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin");
    }

    @Test
    void aSearchPathMadeTwiceIsTheSame() {
        String once = Criu.searchPath("");

        assertThat(Criu.searchPath(once)).isEqualTo(once);
    }
}
