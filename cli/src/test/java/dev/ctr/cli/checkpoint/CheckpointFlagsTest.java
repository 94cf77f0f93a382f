package dev.ctr.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** podman's checks of the flags, in its order and its words. */
class CheckpointFlagsTest {

    @BeforeAll
    static void beRoot() throws IOException {
        Assumptions.assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "others than root are told first that they must be root");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            checkpoint                                       | you must provide at least one name or id
            checkpoint -a web                                | no arguments are needed with --all
            checkpoint -a -l                                 | --all and --latest cannot be used together
            checkpoint --compress foo web                    | --compress can only be used with --export
            checkpoint --ignore-rootfs --compress gzip web   | --compress can only be used with --export
            checkpoint -e f --compress lz4 web               | selected compression algorithm ("lz4") not supported. Please select one from: gzip, none, zstd
            checkpoint -e f --compress zstd:99 web           | compression level 99 of zstd is out of range: choose one from 1 to 22
            checkpoint --ignore-volumes --ignore-rootfs web  | --ignore-rootfs can only be used with --export
            checkpoint --ignore-volumes web                  | --ignore-volumes can only be used with --export
            checkpoint --threads 2 web                       | --threads can only be used with --export
            checkpoint -e f --threads 0 web                  | invalid argument "0" for "--threads" flag: it must be at least 1
            checkpoint -e f web db                           | --export can only be used with one container, not with 2
            restore                                          | you must provide at least one name or id
            restore -a web                                   | no arguments are needed with --all
            restore --ignore-rootfs --ignore-volumes web     | --ignore-rootfs can only be used with image or --import
            restore --ignore-volumes -n x web                | --ignore-volumes can only be used with image or --import
            restore -n x web                                 | --name can only be used with image or --import
            restore -p 80:80 web                             | --publish can only be used with image or --import
            restore --rootfs /x web                          | --rootfs can only be used with image or --import
            restore -i f -n x --tcp-established              | --tcp-established cannot be used with --name
            restore -i f -a                                  | cannot use --import with --all or --latest
            restore -i f -l                                  | cannot use --import with --all or --latest
            restore -i f web                                 | cannot use --import with positional arguments
            """)
    void areMadeBeforeAnythingIsTouched(String commandLine, String message) {
        CommandRun run = CommandRun.of(commandLine.split(" +"));

        assertThat(run.err()).isEqualTo("Error: " + message + "\n");
        assertThat(run.exitCode()).isEqualTo(125);
    }
}
