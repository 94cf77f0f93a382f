package dev.ctr.lifecycle.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.criu.Criu;
import dev.ctr.criu.linux.ProgramOutput;
import dev.ctr.criu.linux.Programs;
import dev.ctr.lifecycle.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each feature is compared with a shell's way of finding it out, so that the test holds on any host. */
final class HostCheckTest {
    private static HostReport report;

    @BeforeAll
    static void check() throws InterruptedException {
        report = new HostCheck(EngineOptions.defaults()).run();
    }

    @Test
    void namesAreUniqueAndEveryFeatureSaysWhatItGivesAndIfMissingHowToGetIt() {
        assertThat(report.features()).extracting(Feature::name).doesNotHaveDuplicates();
        assertThat(report.features()).allSatisfy(feature -> {
            assertThat(feature.name()).matches("[a-z0-9_-]+");
            assertThat(feature.gives()).endsWith(".");
            assertThat(feature.how().isBlank()).as(feature.name()).isEqualTo(feature.present());
        });
    }

    @Test
    void softDirtyAndUserfaultfdAreAsTheKernelWasBuilt() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/config.gz")), "needs the kernel's configuration in /proc/config.gz");

        assertPresent("soft-dirty", "zcat /proc/config.gz | grep -q ^CONFIG_MEM_SOFT_DIRTY=y");
        assertPresent("userfaultfd", "zcat /proc/config.gz | grep -q ^CONFIG_USERFAULTFD=y");
    }

    @Test
    void pagemapScanAndWriteTrackingAreAsCriuOrTheKernelsVersionSays() throws Exception {
        assertThat(feature("pagemap-scan").present()).isEqualTo(report.kernel().isAtLeast(6, 7));
        assumeTrue(feature("criu-version").present(), "needs CRIU");
        assertThat(feature("pagemap-scan").present())
                .isEqualTo(feature("criu-pagemap_scan").present());
    }

    @Test
    void capabilitiesAreAsTheShellHasThem() throws Exception {
        long effective = Long.parseUnsignedLong(
                shell("grep CapEff /proc/self/status | cut -f 2").stdout().strip(), 16);

        assertThat(feature("cap-sys-resource").present()).isEqualTo((effective >> 24 & 1) == 1);
        long needed = 1 << 21 | 1 << 19 | 1 << 12;
        assertThat(feature("root").present()).isEqualTo((effective & needed) == needed);
    }

    @Test
    void largePipesNeedTheCapabilityOrAHigherLimit() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "needs python3 to make a pipe");

        assertPresent(
                "pipe-size",
                "python3 -c 'import fcntl, os; fcntl.fcntl(os.pipe()[0], 1031, 4 * 1024 * 1024)' 2>/dev/null");
    }

    @Test
    void overlaysCanBeMountedExactlyIfMountCan() throws Exception {
        assumeTrue(feature("root").present(), "needs root");

        assertPresent("overlayfs", """
                d=$(mktemp -d -p /var/lib) && mkdir $d/l $d/u $d/w $d/m
                unshare -m mount -t overlay -o lowerdir=$d/l,upperdir=$d/u,workdir=$d/w overlay $d/m 2>/dev/null
                s=$?; rm -r $d; exit $s
                """);
    }

    @Test
    void interfacesCanBeMadeExactlyIfIpCanMakeThem() throws Exception {
        assumeTrue(feature("root").present(), "needs root");
        assumeTrue(shell("command -v ip").succeeded(), "needs ip");

        assertPresent("veth", "unshare -n ip link add type veth 2>/dev/null");
        assertPresent("bridge", "unshare -n ip link add type bridge 2>/dev/null");
    }

    @Test
    void programsAreFoundExactlyIfTheShellFindsThem() throws Exception {
        assertPresent("conmon", "command -v conmon");
        assertPresent("skopeo", "command -v skopeo");
        assertPresent("iptables", "command -v iptables && command -v iptables-restore");
        assertPresent("nftables", "command -v nft");
        assertPresent("criu", "command -v criu");
        assertPresent("runc", "runc checkpoint --help");
        assertPresent("crun", "crun checkpoint --help");
        assertPresent("runtime-lazy-pages", "runc checkpoint --help | grep -q -e --lazy-pages");
        assertThat(report.runtime().path())
                .isEqualTo(shell("command -v runc").stdout().strip());
        if (!report.conmon().path().isEmpty()) {
            assertThat(shell("conmon --version").stdout())
                    .contains(report.conmon().version());
            assertThat(report.conmon().version()).isNotEmpty();
        }
    }

    @Test
    void criusFeaturesAreAsCriuSays() throws Exception {
        assumeTrue(feature("criu").present(), "needs CRIU");
        List<Feature> features = report.features().stream()
                .filter(feature -> feature.name().startsWith("criu-")
                        && !Set.of("criu-version", "criu-check").contains(feature.name()))
                .toList();

        assertThat(features).hasSizeGreaterThan(10);
        for (Feature feature : features) {
            assertPresent(
                    feature.name(), "criu check --feature " + feature.name().substring("criu-".length()));
        }
        assertPresent("criu-check", "criu check");
        assertThat(shell("criu --version").stdout())
                .contains("Version: " + report.criu().version());
    }

    @Test
    void pluginsAreFoundInTheDirectoryThatIsReported() throws Exception {
        for (String plugin : List.of("bridge", "host-local", "loopback", "portmap", "firewall", "tuning")) {
            assertThat(feature("cni-" + plugin).present())
                    .isEqualTo(report.cni().plugins().contains(plugin))
                    .isEqualTo(Files.isExecutable(Path.of(report.cni().path(), plugin)));
        }
        if (!report.cni().plugins().isEmpty()) {
            assertThat(report.cni().version()).matches("\\d+\\.\\d+\\.\\d+");
        }
    }

    @Test
    void theKernelAndItsCgroupsAreAsTheShellSeesThem() throws Exception {
        assertThat(report.kernel().release())
                .isEqualTo(shell("uname -r").stdout().strip());
        assertThat(report.kernel().machine())
                .isEqualTo(shell("uname -m").stdout().strip());
        boolean first = shell("grep -q ' - cgroup ' /proc/self/mountinfo").succeeded();
        boolean second = shell("grep -q ' - cgroup2 ' /proc/self/mountinfo").succeeded();
        String mode = first ? (second ? "hybrid" : "v1") : (second ? "v2" : "none");
        assertThat(report.kernel().cgroups()).isEqualTo(mode);
        assertThat(feature("cgroups").present())
                .isEqualTo(mode.equals("v2") || Files.isDirectory(Path.of("/sys/fs/cgroup/freezer")));
    }

    @Test
    void theJsonFormIsTheOneThatTheCommandPrints() {
        JsonNode json = new ObjectMapper().valueToTree(report);

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly("criu", "runtime", "conmon", "cni", "kernel", "features");
        assertThat(json.path("features"))
                .isNotEmpty()
                .allSatisfy(feature -> assertThat(feature.fieldNames())
                        .toIterable()
                        .containsExactly("name", "present", "gives", "how"));
        assertThat(json.path("kernel").path("release").asText()).isEqualTo(System.getProperty("os.version"));
        if (feature("criu").present()) {
            assertThat(json.path("criu").path("version").asText()).isNotEmpty();
            assertThat(json.path("criu").path("path").asText()).endsWith("/criu");
        } else {
            assertThat(json.path("criu")).isEmpty();
        }
    }

    @Test
    void aRuntimeThatIsNotThereIsMissedForEverything() throws Exception {
        EngineOptions defaults = EngineOptions.defaults();
        HostReport without = new HostCheck(new EngineOptions(
                        defaults.root(),
                        defaults.runRoot(),
                        "/no/such-runtime",
                        defaults.cgroupManager(),
                        defaults.cgroupParent(),
                        List.of()))
                .run();

        assertThat(without.runtime()).isEqualTo(InstalledProgram.NONE);
        for (Purpose purpose : Purpose.values()) {
            assertThat(without.worksFor(purpose)).isFalse();
            assertThat(without.missingFor(purpose)).extracting(Feature::name).contains("such-runtime");
        }
    }

    private static void assertPresent(String feature, String command) throws IOException, InterruptedException {
        assertThat(feature(feature).present())
                .as(feature)
                .isEqualTo(shell(command).succeeded());
    }

    private static Feature feature(String name) {
        return report.feature(name).orElseThrow(() -> new AssertionError("no feature " + name));
    }

    private static ProgramOutput shell(String command) throws IOException, InterruptedException {
        String path = Criu.searchPath(System.getenv().getOrDefault("PATH", ""));
        return Programs.run(List.of("/bin/sh", "-c", command), Map.of("PATH", path), Duration.ofSeconds(30));
    }
}
