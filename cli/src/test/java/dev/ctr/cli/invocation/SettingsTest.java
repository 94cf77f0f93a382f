package dev.ctr.cli.invocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.CgroupManager;
import dev.ctr.lifecycle.EngineOptions;
import dev.ctr.lifecycle.RestorePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    @TempDir
    Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("ctr.toml");
    }

    @Test
    void withoutAnythingTheDefaultsHold() {
        assertThat(resolve(Map.of(), Map.of()).engineOptions(List.of())).isEqualTo(EngineOptions.defaults());
    }

    @Test
    void aFlagWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
        Files.writeString(file, "root = \"/file\"\nrunroot = \"/file\"\nruntime = \"/file\"\n");

        Settings settings =
                resolve(Map.of("root", "/flag"), Map.of("CTR_ROOT", "/environment", "CTR_RUNROOT", "/environment"));

        assertThat(settings.root()).isEqualTo(Path.of("/flag"));
        assertThat(settings.runRoot()).isEqualTo(Path.of("/environment"));
        assertThat(settings.runtime()).isEqualTo("/file");
    }

    @Test
    void everySettingHasAVariable() {
        Settings settings = resolve(
                Map.of(),
                Map.of(
                        "CTR_RUNTIME", "crun",
                        "CTR_CGROUP_MANAGER", "systemd",
                        "CTR_CGROUP_PARENT", "/x",
                        "CTR_LOG_LEVEL", "debug"));

        assertThat(settings.runtime()).isEqualTo("crun");
        assertThat(settings.cgroupManager()).isEqualTo(CgroupManager.SYSTEMD);
        assertThat(settings.cgroupParent()).isEqualTo("/x");
        assertThat(settings.logLevel()).isEqualTo(Settings.LogLevel.DEBUG);
    }

    @Test
    void aFileThatIsNamedMustExist() {
        String named = directory.resolve("other.toml").toString();

        assertThatThrownBy(() -> resolve(Map.of("config", named), Map.of()))
                .hasMessage("configuration file " + named + " does not exist");
        assertThatThrownBy(() -> resolve(Map.of(), Map.of("CTR_CONFIG", named)))
                .hasMessage("configuration file " + named + " does not exist");
    }

    @Test
    void theFileMayHaveCommentsBlankLinesAndBothKindsOfQuotes() throws IOException {
        Files.writeString(file, """
                # ctr
                root = "/with \\"quotes\\" and # sign"  # comment

                  cgroup-parent='/a\\b'
                """);

        Settings settings = resolve(Map.of(), Map.of());

        assertThat(settings.root()).isEqualTo(Path.of("/with \"quotes\" and # sign"));
        assertThat(settings.cgroupParent()).isEqualTo("/a\\b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            rot = "/x"              | unknown key "rot", did you mean "root"?
            cgroup_manager = "x"    | unknown key "cgroup_manager", did you mean "cgroup-manager"?
            colour = "red"          | unknown key "colour"; known are root, runroot, runtime, cgroup-manager, cgroup-parent, log-level, policy, agent-cert, agent-key, agent-ca, agent-allow
            root = /x               | "root = /x" is not a line of the form key = "value"
            [engine]                | "[engine]" is not a line of the form key = "value"
            root = "/x" junk        | "root = "/x" junk" is not a line of the form key = "value"
            root = "\\x"             | unknown escape \\x
            """)
    void whatIsNotUnderstoodIsAnErrorThatNamesTheLine(String line, String why) throws IOException {
        Files.writeString(file, "# first\n" + line + "\n");

        assertThatThrownBy(() -> resolve(Map.of(), Map.of()))
                .isInstanceOf(Failure.class)
                .hasMessage("configuration file " + file + ", line 2: " + why);
    }

    @Test
    void aKeyMayBeSetOnce() throws IOException {
        Files.writeString(file, "root = \"/a\"\nroot = \"/b\"\n");

        assertThatThrownBy(() -> resolve(Map.of(), Map.of())).hasMessageEndingWith("line 2: \"root\" is set twice");
    }

    @Test
    void valuesMustBeOnesThatExist() {
        assertThatThrownBy(() -> resolve(Map.of("cgroup-manager", "openrc"), Map.of()))
                .hasMessage("invalid value \"openrc\" for cgroup-manager: it must be cgroupfs or systemd");
        assertThatThrownBy(() -> resolve(Map.of("log-level", "loud"), Map.of()))
                .hasMessage("invalid value \"loud\" for log-level: it must be error, warn, info or debug");
    }

    @Test
    void aPolicyFileIsReadAsStrictlyAsTheConfiguration() throws IOException {
        Path policy = directory.resolve("policy.toml");
        Files.writeString(file, "policy = \"" + policy + "\"\n");
        Settings settings = resolve(Map.of(), Map.of());

        assertThatThrownBy(() -> settings.restorePolicy("")).hasMessage("policy file " + policy + " does not exist");
        Files.writeString(policy, "# ours\nhost-paths = \"/srv\"\nhokks = \"true\"\n");
        assertThatThrownBy(() -> settings.restorePolicy(""))
                .hasMessage("policy file " + policy + ", line 3: unknown key \"hokks\", did you mean \"hooks\"?");
        Files.writeString(policy, "max-size = \"huge\"\n");
        assertThatThrownBy(() -> settings.restorePolicy(policy.toString())).hasMessageContaining("a size such as 100g");
        Files.writeString(policy, "max-size = \"100g\"\nhooks = \"true\"\n");
        assertThat(settings.restorePolicy("")).isNotSameAs(RestorePolicy.DEFAULT);
    }

    private Settings resolve(Map<String, String> flags, Map<String, String> environment) {
        return Settings.resolve(flags, environment, file);
    }
}
