package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ctr.lifecycle.EngineException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That they mean the same as with podman is tested in {@link PodmanExchangeTest}. */
final class ConfigChangesTest {
    @Test
    void laterInstructionsReplaceEarlierOnes() {
        ImageConfig config = config("CMD one", "cmd [\"two\"]", "ENV A=1", "ENV A=2", "WORKDIR /a", "WORKDIR b");
        assertThat(config.cmd()).containsExactly("two");
        assertThat(config.env()).containsExactly("A=2");
        assertThat(config.workingDir()).isEqualTo("/a/b");
    }

    @Test
    void anEmptyListTakesTheCommandAway() {
        assertThat(config("CMD one", "CMD []").cmd()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CMD | must be formatted as KEY VALUE",
                "FROM scratch | invalid instruction FROM",
                "CMD=sleep 9 | invalid instruction CMD=SLEEP",
                "ENV= | must provide a value to ENV",
                "EXPOSE 0 | must be a valid port number",
                "EXPOSE 65536 | must be a valid port number",
                "EXPOSE 80/icmp | protocol must be tcp or udp",
                "EXPOSE http | protocol must be tcp or udp",
                "LABEL a | LABEL must be formatted key=value",
                "VOLUME data | is not an absolute path",
                "STOPSIGNAL NONE | invalid signal: NONE",
            })
    void whatCannotBeMeantIsRefused(String change, String why) {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> config(change))
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.INVALID_ARGUMENT));
    }

    private static ImageConfig config(String... changes) {
        return ConfigChanges.parse(List.of(changes)).toConfig("amd64", Instant.EPOCH, "");
    }

    @Test
    void changesAreAppliedToWhatAnImageHas() {
        ImageConfig base = new ImageConfig(
                "amd64",
                "linux",
                "someone",
                List.of("A=1", "B=2"),
                List.of("/entry"),
                List.of("cmd"),
                "/work",
                "user",
                List.of("80/tcp"),
                List.of("/v"),
                Map.of("k", "v"),
                "SIGINT",
                List.of());
        ConfigChanges changes =
                ConfigChanges.parse(base, List.of("ENV B=3", "WORKDIR sub", "EXPOSE 81", "ONBUILD RUN x", "LABEL l=m"));
        ImageConfig changed = changes.toConfig(base, List.of());

        assertThat(changed.env()).containsExactly("A=1", "B=3");
        assertThat(changed.workingDir()).isEqualTo("/work/sub");
        assertThat(changed.exposedPorts()).containsExactly("80/tcp", "81/tcp");
        assertThat(changed.labels()).containsEntry("k", "v").containsEntry("l", "m");
        assertThat(changed.entrypoint()).containsExactly("/entry");
        assertThat(changed.author()).isEqualTo("someone");
        assertThat(changes.onBuild()).containsExactly("RUN x");
    }
}
