package dev.ctr.lifecycle.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HostReportTest {
    @Test
    void onlyWhatIsRequiredForThePurposeCounts() {
        Feature useful = Feature.useful("soft-dirty", false, "Tracks.", "Build it.");
        Feature forRestore = new Feature("restorer", false, "Restores.", "Get it.", Set.of(Purpose.RESTORE));
        Feature there = Feature.required("criu", true, "Dumps.", "Install it.");
        HostReport report = report(useful, forRestore, there);

        assertThat(report.worksFor(Purpose.CHECKPOINT)).isTrue();
        assertThat(report.worksFor(Purpose.RESTORE)).isFalse();
        assertThat(report.missingFor(Purpose.RESTORE)).containsExactly(forRestore);
        assertThat(report.missingFor(Purpose.CHECKPOINT)).isEmpty();
    }

    @Test
    void aPresentFeatureNeedsNoAdvice() {
        assertThat(Feature.required("criu", true, "Dumps.", "Install it.").how())
                .isEmpty();
        assertThat(Feature.required("criu", false, "Dumps.", "Install it.").how())
                .isEqualTo("Install it.");
    }

    @Test
    void kernelReleasesAreComparedByTheirNumbers() {
        assertThat(kernel("6.16.0-rc1").isAtLeast(6, 16)).isTrue();
        assertThat(kernel("6.9.3").isAtLeast(6, 16)).isFalse();
        assertThat(kernel("10.0").isAtLeast(6, 16)).isTrue();
        assertThat(kernel("5.10.0-28-amd64").isAtLeast(5, 6)).isTrue();
        assertThat(kernel("odd").isAtLeast(5, 6)).isFalse();
    }

    private static Kernel kernel(String release) {
        return new Kernel(release, "x86_64", "v2");
    }

    private static HostReport report(Feature... features) {
        return new HostReport(
                InstalledProgram.NONE,
                InstalledProgram.NONE,
                InstalledProgram.NONE,
                new InstalledPlugins("", "", List.of()),
                kernel("6.1"),
                List.of(features));
    }
}
