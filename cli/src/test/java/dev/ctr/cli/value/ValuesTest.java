package dev.ctr.cli.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.CreateOptions.Volume;
import dev.ctr.lifecycle.network.PortMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512b, 512",
        "64m, 67108864",
        "64M, 67108864",
        "1g, 1073741824",
        "1gb, 1073741824",
        "1.5GiB, 1610612736",
        "2 k, 2048",
        "8388607t, 9223370937343148032"
    })
    void sizesCountIn1024s(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "m", "-1", "1x", "1.m", "1mm", "1ib2", "9000000000g"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("invalid size: '" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({"0, PT0S", "250ms, PT0.25S", "1h30m, PT1H30M", "1.5s, PT1.5S", ".5s, PT0.5S", "3us, PT0.000003S"})
    void durationsAreWrittenAsInGo(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "1d", "-1s", "1s2", "1 s", "99999999999h"})
    void whatIsNoDurationIsRefused(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("invalid duration \"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-22T05:36:49Z, 2026-11-22T05:36:49Z",
        "2026-11-22T05:36:49.5+01:00, 2026-11-22T04:36:49.5Z",
        "1795325809, 2026-11-22T05:36:49Z",
        "1795325809.25, 2026-11-22T05:36:49.25Z",
        "10m, 2026-11-22T11:50:00Z",
        "1h30m, 2026-11-22T10:30:00Z"
    })
    void momentsAreTimesOrHowLongAgo(String text, Instant moment) {
        assertThat(Moments.parse(text, NOW)).isEqualTo(moment);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2026-13-01", "2026-11-22T25:00:00Z"})
    void whatIsNoMomentIsRefused(String text) {
        assertThatThrownBy(() -> Moments.parse(text, NOW)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void portsMayBeSeveralInOneValue() {
        assertThat(Ports.parse(List.of("80", "127.0.0.1:8080-8081:80-81/udp,[::1]:1:2")))
                .containsExactly(
                        new PortMapping("", 80, 0, 1, "tcp"),
                        new PortMapping("127.0.0.1", 80, 8080, 2, "udp"),
                        new PortMapping("::1", 2, 1, 1, "tcp"));
    }

    @Test
    void volumesAreNamedAnonymousOrPathsOfTheHost() {
        assertThat(Volumes.parse("/data")).isEqualTo(new Volume("", "/data", List.of()));
        assertThat(Volumes.parse("db:/data:ro,z")).isEqualTo(new Volume("db", "/data", List.of("ro", "z")));
        assertThat(Volumes.parse("/srv/../srv/www:/www")).isEqualTo(new Volume("/srv/www", "/www", List.of()));
        assertThat(Volumes.parse("./here:/www").source())
                .isEqualTo(Path.of("here").toAbsolutePath().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b:/data", "/a:/b:ro:x", "/a:b", "db:"})
    void whatIsNoVolumeIsRefused(String text) {
        assertThatThrownBy(() -> Volumes.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mountsTakeAllSpellingsOfTheirKeys() {
        assertThat(MountFlag.parse("type=bind,source=/srv,target=/www,readonly"))
                .isEqualTo(new MountFlag.OfVolume(new Volume("/srv", "/www", List.of("ro"))));
        assertThat(MountFlag.parse("type=volume,src=db,dst=/data,ro=false"))
                .isEqualTo(new MountFlag.OfVolume(new Volume("db", "/data", List.of("rw"))));
        assertThat(MountFlag.parse("destination=/data"))
                .isEqualTo(new MountFlag.OfVolume(new Volume("", "/data", List.of())));
        assertThat(MountFlag.parse("type=tmpfs,destination=/tmp,tmpfs-size=64m,tmpfs-mode=1777,noexec"))
                .isEqualTo(new MountFlag.OfTmpfs("/tmp", "size=64m,mode=1777,noexec"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            type=bind,src=/srv              | must set volume destination in --mount type=bind,src=/srv
            type=bind,dst=/www              | must set source of the bind mount in --mount type=bind,dst=/www
            type=bind,src=/a,dst=/b,colour=1 | colour: invalid mount option
            """)
    void incompleteMountsAreRefused(String text, String message) {
        assertThatThrownBy(() -> MountFlag.parse(text)).hasMessage(message);
    }

    @Test
    void variablesComeFromFilesThenFlagsAndFromHereWhenTheyHaveNoValue(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("env"), "# comment\n\n  A=1\nB=from file\nHOME\nMISSING\n");

        assertThat(Variables.of(
                        List.of(file.toString()),
                        List.of("B=x=y", "C=", "USER"),
                        Map.of("HOME", "/root", "USER", "me")))
                .containsExactly(
                        Map.entry("A", "1"),
                        Map.entry("B", "x=y"),
                        Map.entry("HOME", "/root"),
                        Map.entry("C", ""),
                        Map.entry("USER", "me"));
    }

    @Test
    void aFileOfVariablesMustExist() {
        assertThatThrownBy(() -> Variables.of(List.of("/no/such/file"), List.of(), Map.of()))
                .hasMessage("parsing env file \"/no/such/file\": no such file");
    }

    @Test
    void pairsAreSplitAtTheFirstEqualsSign() {
        assertThat(KeyValue.parse("a=b=c")).isEqualTo(new KeyValue("a", "b=c"));
        assertThat(KeyValue.parse("a")).isEqualTo(new KeyValue("a", ""));
        assertThatThrownBy(() -> KeyValue.parse("=b")).hasMessageContaining("has no key");
    }
}
