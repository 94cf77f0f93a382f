package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What makes no sense is refused with one line, podman's words and exit code 125, before anything is touched. The messages are
 * those of podman 4.3.1's cmd/podman/containers/checkpoint.go and restore.go.
 */
final class CommandLineErrorsTest {
    private static CtrRoot root;

    /** A file that is no archive. */
    private static Path notes;

    /** A file that must not come into being. */
    private static Path target;

    @BeforeAll
    static void haveARunningAndACreatedContainer() throws IOException {
        root = CtrRoot.create().withBusybox();
        root.ctr("run", "-d", "--rm", "--name", "running", "--network", "none", "bb", "sleep", "1000");
        root.ctr("create", "--name", "created", "--network", "none", "bb", "true");
        notes = Files.writeString(root.directory().resolve("notes"), "this is no archive\n".repeat(1000));
        target = root.directory().resolve("target");
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    checkpoint                             | you must provide at least one name or id
                    checkpoint nosuch                      | no container with name or ID "nosuch" found: no such container
                    checkpoint created                     | "created" is not running, cannot checkpoint: container state improper
                    checkpoint -a running                  | no arguments are needed with --all
                    checkpoint -l running                  | --latest and containers cannot be used together
                    checkpoint -c gzip running             | --compress can only be used with --export
                    checkpoint -c lzma -e TARGET running   | selected compression algorithm ("lzma") not supported. Please select one from: gzip, none, zstd
                    checkpoint --ignore-rootfs running     | --ignore-rootfs can only be used with --export
                    checkpoint --ignore-volumes running    | --ignore-volumes can only be used with --export
                    checkpoint running                     | cannot checkpoint containers that have been started with '--rm' unless '--export' is used
                    restore                                | you must provide at least one name or id
                    restore nosuch                         | no such container or image: nosuch
                    restore -a created                     | no arguments are needed with --all
                    restore -l created                     | --all or --latest and containers cannot be used together
                    restore --ignore-rootfs created        | --ignore-rootfs can only be used with image or --import
                    restore --ignore-volumes created       | --ignore-volumes can only be used with image or --import
                    restore --name new created             | --name can only be used with image or --import
                    restore -p 80:80 created               | --publish can only be used with image or --import
                    restore -i NOTES -n new --tcp-established | --tcp-established cannot be used with --name
                    restore -i NOTES -a                    | cannot use --import with --all or --latest
                    restore -i NOTES created               | cannot use --import with positional arguments
                    rename created                         | accepts 2 arg(s), received 1
                    rm -t 1 created                        | --force option must be specified to use the --time option
                    wait                                   | "ctr wait" requires a name, id, or the "--latest" flag
                    exec                                   | exec requires the name or ID of a container or the --latest flag
                    exec running                           | must provide a non-empty command to start an exec session
                    kill -s NOSUCH running                 | invalid signal: NOSUCH
                    run --rm --restart always bb true      | the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"
                    run --restart always:3 bb true         | restart policy retries can only be specified with on-failure restart policy
                    run --replace bb true                  | cannot replace container without --name being set
                    run -v nowhere bb true                 | invalid container path "nowhere", must be an absolute path
                    run --tmpfs nowhere bb true            | invalid container path "nowhere", must be an absolute path
                    """)
    void contradictionsAreRefusedInPodmansWords(String line, String message) {
        assertThat(refused(line)).isEqualTo("Error: " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    nosuch                                 | unrecognized command `ctr nosuch`
                    checkpiont running                     | did you mean `checkpoint`
                    --log-level loud ps                    | it must be error, warn, info or debug
                    --cgroup-manager none ps               | it must be cgroupfs or systemd
                    --config /nosuch ps                    | /nosuch
                    --runtime nosuch run bb true           | nosuch
                    checkpoint --exprot TARGET running     | unknown flag: --exprot, did you mean `--export`
                    checkpoint -Z running                  | unknown shorthand flag: 'Z' in -Z
                    checkpoint running -e                  | flag needs an argument: 'e' in -e
                    checkpoint --threads 0 -e TARGET running | it must be at least 1
                    checkpoint -e TARGET running created   | --export
                    checkpoint -e /nosuch/file running     | /nosuch
                    restore created                        | a complete checkpoint for this container cannot be found
                    restore -i NOTES                       | archive
                    restore -i /nosuch                     | /nosuch
                    restore -i NOTES -p 99999:80           | 99999
                    run                                    | requires at least 1 arg(s), only received 0
                    run --name created bb true             | "created" is already in use
                    run --name a/b bb true                 | names must match
                    run --network none --ip 10.1.2.3 bb true | --ip can only be set when the network mode is bridge
                    run -p 0:80 bb true                    | 0
                    run -m much bb true                    | much
                    run --cap-add NOSUCH bb true           | NOSUCH
                    run --env-file /nosuch bb true         | /nosuch
                    run --rootfs /nosuch true              | /nosuch
                    run --mount type=nosuch,dst=/x bb true | nosuch
                    run -v /nosuch:/x bb true              | /nosuch
                    run -d -a stdout bb true               | --detach
                    exec nosuch true                       | nosuch
                    ps created                             | takes no arguments
                    ps --filter nosuch=x                   | nosuch is an invalid filter
                    logs --tail some created               | some
                    import /nosuch bb                      | /nosuch
                    load -i NOTES                          | NOTES
                    save -o TARGET nosuch                  | nosuch: image not known
                    """)
    void mistakesAreNamed(String line, String part) {
        assertThat(refused(line)).contains(part.equals("NOTES") ? notes.toString() : part);
    }

    @ParameterizedTest
    @CsvSource({"rm nosuch,1", "rm running,2", "rmi nosuch,1", "volume rm nosuch,1"})
    void removalsHaveCodesOfTheirOwn(String line, int exitCode) {
        root.run(line.split(" ")).failedWith(exitCode);
    }

    @Test
    void aContainerWhoseRuntimeIsGoneCanBeRemoved() throws IOException {
        String runc = Commands.run("sh", "-c", "PATH=$PATH:/usr/sbin; command -v runc")
                .succeeded();
        Path runtime = Files.createSymbolicLink(root.directory().resolve("runtime"), Path.of(runc));
        root.ctr("--runtime", runtime.toString(), "create", "--name", "orphan", "--network", "none", "bb", "true");
        Files.delete(runtime);
        assertThat(root.run("start", "orphan").failedWith(125)).contains(runtime.toString());
        assertThat(root.ctr("rm", "orphan")).isEqualTo("orphan");
    }

    @Test
    void unknownKeysOfTheConfigurationFileAreErrors() throws IOException {
        Path file = Files.writeString(root.directory().resolve("ctr.toml"), "runrot = \"/run/elsewhere\"\n");
        assertThat(root.run("--config", file.toString(), "ps").failedWith(125))
                .contains(file.toString(), "runrot", "runroot");
    }

    /** The one line that says why, after it was made sure that nothing else happened. */
    private static String refused(String line) {
        List<String> before = snapshot();
        String[] words = line.replace("NOTES", notes.toString())
                .replace("TARGET", target.toString())
                .split(" +");
        String error = root.run(words).failedWith(125);
        assertThat(snapshot()).as("the files of the root").isEqualTo(before);
        assertThat(target).doesNotExist();
        return error;
    }

    /** Every file of the root outside of the images' and containers' own file systems, with its size and when it was changed. */
    private static List<String> snapshot() {
        List<String> files = new ArrayList<>();
        try {
            Files.walkFileTree(root.root(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    String name = directory.getFileName().toString();
                    return name.equals("layers") || name.equals("layer") || name.equals("merged")
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(file + " " + attributes.size() + " " + attributes.lastModifiedTime());
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        files.sort(String::compareTo);
        return files;
    }
}
