package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ctr.lifecycle.EngineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageNameTest {
    @ParameterizedTest
    @CsvSource({
        "bb, localhost/bb:latest",
        "bb:v1, localhost/bb:v1",
        "team/bb, localhost/team/bb:latest",
        "localhost/bb, localhost/bb:latest",
        "localhost:5000/bb:1, localhost:5000/bb:1",
        "reg.example.com/a/b__c-d.e:V_1.0, reg.example.com/a/b__c-d.e:V_1.0",
        "REG.example.com/a, REG.example.com/a:latest",
        "[::1]:5000/a, [::1]:5000/a:latest",
        "reg.example.com, localhost/reg.example.com:latest",
        "docker.io/busybox, docker.io/library/busybox:latest",
    })
    void aNameIsCompleted(String typed, String full) {
        assertThat(ImageName.of(typed)).hasToString(full);
        assertThat(ImageName.of(full)).hasToString(full);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "/",
                "a/",
                "/a",
                "a//b",
                "A",
                "a/B",
                "a:",
                "a:b/c",
                "a:-x",
                "a b",
                "a\n",
                "a..b",
                "a___b",
                ".a",
                "-a",
                "a@sha256:0000000000000000000000000000000000000000000000000000000000000000",
                "x.y:99999999/a",
                "../a",
                "localhost/../a",
                "ä"
            })
    void whatIsNoNameIsRefused(String typed) {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> ImageName.of(typed))
                .withMessageContaining("invalid reference format")
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.INVALID_ARGUMENT));
    }

    @Test
    void tooLongNamesAreRefused() {
        assertThatExceptionOfType(EngineException.class).isThrownBy(() -> ImageName.of("a".repeat(300)));
        assertThatExceptionOfType(EngineException.class).isThrownBy(() -> ImageName.of("a:" + "b".repeat(129)));
    }

    @Test
    void dockerMeansItsOwnRegistry() {
        assertThat(ImageName.ofDocker("busybox")).hasToString("docker.io/library/busybox:latest");
        assertThat(ImageName.ofDocker("team/app:1")).hasToString("docker.io/team/app:1");
        assertThat(ImageName.ofDocker("localhost/app:1")).hasToString("localhost/app:1");
    }

    @Test
    void aRegistryIsAskedOnlyForFullNames() {
        assertThat(ImageName.ofRegistry("reg.example.com/a")).hasToString("reg.example.com/a:latest");
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> ImageName.ofRegistry("busybox"))
                .withMessageContaining("write it in full, such as docker.io/library/busybox");
    }
}
