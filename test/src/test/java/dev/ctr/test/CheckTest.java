package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ctr check} says of this host what the host says of itself. */
final class CheckTest {
    private static final int CAP_SYS_RESOURCE = 24;
    private static final int SOFT_DIRTY_BIT = 55;

    private static CtrRoot root;
    private static JsonNode report;

    @BeforeAll
    static void check() {
        root = CtrRoot.create();
        report = JsonOutput.of(root.ctr("check", "--format", "json"));
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void theReportHasItsKeys() {
        assertThat(JsonOutput.keys(report)).contains("criu", "runtime", "conmon", "cni", "kernel", "features");
        for (String program : List.of("criu", "runtime", "conmon", "cni")) {
            assertThat(JsonOutput.keys(report.path(program))).as(program).contains("path", "version");
        }
        assertThat(report.path("features")).isNotEmpty().allSatisfy(feature -> {
            assertThat(JsonOutput.keys(feature)).containsExactlyInAnyOrder("name", "present", "gives", "how");
            assertThat(feature.path("gives").asText()).endsWith(".");
            assertThat(feature.path("how").asText().isEmpty())
                    .as("%s either is there or says how to get it", feature.path("name"))
                    .isEqualTo(feature.path("present").asBoolean());
        });
        assertThat(report.path("features"))
                .extracting(feature -> feature.path("name").asText())
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"criu", "runtime", "conmon"})
    void versionsAreThoseThatTheProgramsTell(String name) {
        String path = report.at("/" + name + "/path").asText();
        String version = report.at("/" + name + "/version").asText();
        assumeTrue(!path.isEmpty(), name + " is not installed");
        assertThat(Commands.run(path, "--version").output()).contains(version);
        assertThat(version).matches("\\d+\\.\\d+.*");
    }

    @Test
    void softDirtyIsWhatTheKernelDoes() {
        assertThat(present("soft-dirty")).isEqualTo(kernelMarksWrittenPages());
    }

    @Test
    void sysResourceIsWhatTheCapabilitiesSay() throws IOException {
        Matcher effective =
                Pattern.compile("CapEff:\\s*([0-9a-f]+)").matcher(Files.readString(Path.of("/proc/self/status")));
        assertThat(effective.find()).isTrue();
        boolean has = (Long.parseUnsignedLong(effective.group(1), 16) >> CAP_SYS_RESOURCE & 1) == 1;
        assertThat(present("cap-sys-resource")).isEqualTo(has);
    }

    @Test
    void overlayfsIsWhatMountSays() throws IOException {
        Path directory = Files.createDirectory(root.directory().resolve("overlay"));
        for (String part : List.of("lower", "upper", "work", "merged")) {
            Files.createDirectory(directory.resolve(part));
        }
        String options =
                "lowerdir=" + directory + "/lower,upperdir=" + directory + "/upper,workdir=" + directory + "/work";
        String merged = directory.resolve("merged").toString();
        boolean mounted = Commands.run("mount", "-t", "overlay", "overlay", "-o", options, merged)
                        .exitCode()
                == 0;
        if (mounted) {
            Commands.run("umount", merged).succeeded();
        }
        assertThat(present("overlayfs")).isEqualTo(mounted);
    }

    @Test
    void cgroupsAreThoseThatAreMounted() {
        String type = Commands.run("stat", "-f", "-c", "%T", "/sys/fs/cgroup").succeeded();
        boolean unifiedBesideOthers = Files.isDirectory(Path.of("/sys/fs/cgroup/unified"));
        String expected = type.equals("cgroup2fs") ? "v2" : unifiedBesideOthers ? "hybrid" : "v1";
        assertThat(report.at("/kernel/cgroups").asText()).isEqualTo(expected);
        assertThat(report.at("/kernel/release").asText())
                .isEqualTo(Commands.run("uname", "-r").succeeded());
    }

    @Test
    void aRuntimeThatIsNotThereIsMissed() {
        JsonNode without = JsonOutput.of(root.ctr("--runtime", "/nosuch/runc", "check", "--format", "json"));
        assertThat(without.at("/runtime/path").asText()).isEmpty();
        assertThat(root.run("--runtime", "/nosuch/runc", "check", "--for", "migrate")
                        .failedWith(125))
                .startsWith("Error: this host cannot migrate")
                .contains("runc");
    }

    @Test
    void whatIsSaidToWorkWorks() {
        root.withBusybox();
        root.ctr("run", "-d", "--name", "probe", "--network", "none", "bb", "sleep", "1000");
        boolean checkpoints = root.run("checkpoint", "probe").exitCode() == 0;
        assertThat(root.run("check", "--for", "checkpoint").exitCode() == 0).isEqualTo(checkpoints);
        assumeTrue(checkpoints, "this host cannot checkpoint");
        assertThat(root.run("check", "--for", "restore").exitCode() == 0)
                .isEqualTo(root.run("restore", "probe").exitCode() == 0);
    }

    @Test
    void theTableShowsWhatTheReportHas() {
        List<String> lines = root.ctr("check").lines().toList();
        for (JsonNode feature : report.path("features")) {
            String present = feature.path("present").asBoolean() ? "yes" : "no";
            assertThat(lines)
                    .anyMatch(line ->
                            line.matches(Pattern.quote(feature.path("name").asText()) + " +" + present + " .*"));
        }
        assertThat(root.ctr("check", "--format", "{{.criu.version}}"))
                .isEqualTo(report.at("/criu/version").asText());
    }

    private static boolean present(String name) {
        for (JsonNode feature : report.path("features")) {
            if (feature.path("name").asText().equals(name)) {
                return feature.path("present").asBoolean();
            }
        }
        throw new AssertionError("the report says nothing of " + name);
    }

    /**
     * Whether a shell has pages with bit 55 of its pagemap set after it cleared the marks, since it writes to its stack all the
     * time (Linux, Documentation/admin-guide/mm/soft-dirty.rst).
     */
    private static boolean kernelMarksWrittenPages() {
        String script = """
                echo 4 > /proc/$$/clear_refs
                range=$(grep '\\[stack\\]' /proc/$$/maps | cut -d ' ' -f 1)
                size=$(getconf PAGESIZE)
                first=$((0x${range%-*} / size))
                last=$((0x${range#*-} / size))
                dd if=/proc/$$/pagemap bs=8 skip=$first count=$((last - first)) 2>/dev/null | od -An -v -t x8
                """;
        String entries = Commands.run("sh", "-c", script).succeeded();
        assertThat(entries).isNotEmpty();
        return Pattern.compile("\\s+")
                .splitAsStream(entries)
                .anyMatch(entry -> (Long.parseUnsignedLong(entry, 16) >> SOFT_DIRTY_BIT & 1) == 1);
    }
}
