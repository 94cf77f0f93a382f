package dev.ctr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shell parts: Maven runs tests in the module's directory. */
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "ctr").toAbsolutePath();
    private static final Path FIND_JAVA =
            Path.of("src", "main", "sh", "find-java.sh").toAbsolutePath();

    @TempDir
    Path directory;

    /** A program's end. */
    private record Ended(int exitCode, String output) {}

    @Test
    void saysHowToBuildWhenNothingIsBuilt() throws Exception {
        Path copy = Files.copy(LAUNCHER, directory.resolve("ctr"));

        Ended ended = run(List.of("sh", copy.toString(), "version"));

        assertThat(ended.exitCode()).isEqualTo(125);
        assertThat(ended.output())
                .isEqualTo("Error: ctr is not built: run 'mvn -q -DskipTests package' in " + directory.toRealPath()
                        + "\n");
    }

    @Test
    void startsTheJavaThatTheClassArchiveWasMadeWithAlsoThroughLinks() throws Exception {
        Files.writeString(dist().resolve("java"), fakeJava("recorded", "17") + "\n");
        Path copy = Files.copy(LAUNCHER, directory.resolve("tree/ctr"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), copy);
        Path linkToLink = Files.createSymbolicLink(directory.resolve("again"), link.getFileName());

        Ended ended = run(List.of("sh", linkToLink.toString(), "ps", "two words"));

        assertThat(ended.exitCode()).isEqualTo(7);
        assertThat(ended.output())
                .startsWith("recorded [")
                .contains("[-Dctr.launcher=" + copy.toRealPath() + "]", "[-XX:CompileThresholdScaling=20]")
                .endsWith("[dev.ctr.cli.Main][ps][two words]\n");
        assertThat(run(List.of("sh", linkToLink.toString(), "agent", "serve")).output())
                .contains("[-XX:CompileThresholdScaling=1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/no/longer/there\n"})
    void startsTheNewestJavaWhenThatOneIsGone(String recorded) throws Exception {
        Path dist = dist();
        if (!recorded.isEmpty()) {
            Files.writeString(dist.resolve("java"), recorded);
        }
        Files.copy(FIND_JAVA, dist.resolve("find-java.sh"));
        Path copy = Files.copy(LAUNCHER, directory.resolve("tree/ctr"));
        Path home = fakeJava("future", "999.0.1");

        Ended ended = run(List.of("sh", "-c", "JAVA_HOME=" + home + " sh " + copy + " ps"));

        assertThat(ended.output()).startsWith("future [");
    }

    private Path dist() throws IOException {
        Path dist = Files.createDirectories(directory.resolve("tree/cli/target/dist"));
        Files.createDirectory(dist.resolve("lib"));
        Files.createFile(dist.resolve("lib/ctr.jar"));
        return dist;
    }

    @ParameterizedTest
    @CsvSource({"17.0.15, 17", "25, 25", "1.8.0_392, 1", "21-ea, 21", "'', 0"})
    void theFeatureNumberIsTheFirstOfTheVersion(String version, String feature) throws Exception {
        Path release = Files.writeString(directory.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");

        assertThat(run(List.of("sh", "-c", ". " + FIND_JAVA + "; feature_version " + release))
                        .output())
                .isEqualTo(feature + "\n");
    }

    /** A Java that prints its name and arguments and ends with 7. */
    private Path fakeJava(String name, String version) throws IOException {
        Path home = Files.createDirectories(directory.resolve(name));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '" + name + " '\nprintf '[%s]' \"$@\"\necho\nexit 7\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return home;
    }

    private static Ended run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), output);
    }
}
