package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What {@code ctr archive} says of two checkpoints of one container, beside what /proc said before, and checkpointctl says. */
@ResourceLock("host network")
final class ArchiveCommandsTest {
    /** Something of everything: a deleted file, a Unix socket, a listener, a connection with unread bytes, pipes, children. */
    private static final String PROGRAM = """
            mkfifo /fifo; exec 8<>/fifo
            exec 9>/gone; echo deleted >&9; rm /gone
            syslogd -n -O /messages &
            nc -l -p 7001 -e sleep 1000 &
            until grep -q ':1B59 .* 0A ' /proc/net/tcp6; do sleep 0.05; done
            nc 127.0.0.1 7001 < /fifo &
            nc -l -p 7002 &
            SECRET=hush sleep 2000 &
            echo hello >&8
            until grep -q ':1B5A .* 0A ' /proc/net/tcp6 && grep -q ' 00000000:00000006 ' /proc/net/tcp6 &&
              [ -S /dev/log ]; do sleep 0.05; done
            echo ready; wait
            """;

    /** What the container does between the checkpoints; ends when the five bytes have come in. */
    private static final String CHANGES = """
            kill $(grep -l SECRET=hush /proc/[0-9]*/environ | cut -d/ -f3)
            echo more > /fifo; logger something; echo x > /added; echo y > /data/note
            until grep -q ' 00000000:0000000B ' /proc/net/tcp6 && grep -q something /messages; do sleep 0.05; done
            """;

    /** Of each process before this one: the command line, the environment, what its descriptors are, heap and stack. */
    private static final String REPORT = """
            for p in $(seq 1 $$); do
              [ -d /proc/$p/fd ] && [ $p != $$ ] || continue
              echo "cmdline $p $(tr '\\0\\n' '| ' < /proc/$p/cmdline)"
              echo "environ $p $(tr '\\0' '|' < /proc/$p/environ)"
              for f in /proc/$p/fd/*; do echo "fd $p ${f##*/} $(readlink $f)"; done
              for m in heap stack; do
                echo "$m $p $(grep -F "[$m]" /proc/$p/maps | cut -d' ' -f1 | sed 's/^0*//; s/-0*/-/')"
              done
            done""";

    private static CtrRoot root;
    private static String first;
    private static String second;
    private static List<String[]> before;

    @BeforeAll
    static void checkpointTwice() {
        root = CtrRoot.create().withBusybox();
        first = root.directory().resolve("first.tar.zst").toString();
        second = root.directory().resolve("second.tar.gz").toString();
        root.ctr(
                "run",
                "-d",
                "--name",
                "one",
                "--network",
                "none",
                "--hostname",
                "here",
                "-e",
                "FOO=b\u001b[1mr",
                "-v",
                "vol:/data",
                "bb",
                "sh",
                "-c",
                PROGRAM);
        await().until(() -> root.ctr("logs", "one").contains("ready"));
        before = root.ctr("exec", "one", "sh", "-c", REPORT)
                .lines()
                .map(line -> line.split(" ", -1))
                .toList();
        root.ctr("checkpoint", "-R", "--tcp-established", "-e", first, "one");
        root.ctr("exec", "one", "sh", "-c", CHANGES);
        root.ctr("checkpoint", "-R", "--tcp-established", "-c", "gzip", "-e", second, "one");
    }

    @AfterAll
    static void leaveNothing() {
        root.close();
    }

    private static JsonNode inspect(String... arguments) {
        List<String> command = new ArrayList<>(List.of("archive", "inspect", "--format", "json"));
        command.addAll(List.of(arguments));
        return JsonOutput.of(root.ctr(command.toArray(String[]::new))).path(0);
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    /** All processes of a tree by their numbers. */
    private static Map<String, JsonNode> processes(JsonNode trees, Map<String, JsonNode> found) {
        for (JsonNode process : trees) {
            found.put(process.path("pid").asText(), process);
            processes(process.path("children"), found);
        }
        return found;
    }

    private static String joined(JsonNode strings) {
        StringBuilder text = new StringBuilder();
        strings.forEach(string -> text.append(string.asText()).append('|'));
        return text.toString();
    }

    @Test
    void showsEachOnALine() {
        assertThat(root.ctr("archive", "show", first, second).lines())
                .hasSize(3)
                .satisfies(lines -> assertThat(lines.get(0)).contains("CHKPT SIZE"))
                .satisfies(lines -> assertThat(lines.get(1)).contains("one", "localhost/bb:latest", "runc", "ctr"));
        assertThat(root.ctr("archive", "show", "--format", "{{.ID}}", first))
                .isEqualTo(root.ctr("inspect", "-f", "{{.Id}}", "one").substring(0, 12));
        CommandResult partly = root.run("archive", "show", "/does/not/exist", first);
        assertThat(partly.failedWith(125)).contains("no such file");
        assertThat(partly.output()).contains("localhost/bb:latest");
    }

    @Test
    void agreesWithWhatProcSaid() {
        JsonNode checkpoint = inspect("--env", "--files", "--memory", first);
        Map<String, JsonNode> processes = processes(checkpoint.path("process_tree"), new TreeMap<>());
        List<String[]> commands =
                before.stream().filter(line -> line[0].equals("cmdline")).toList();
        assertThat(commands).hasSize(processes.size()).hasSizeGreaterThanOrEqualTo(6);
        for (String[] line : before) {
            JsonNode process = processes.getOrDefault(line[1], MissingNode.getInstance());
            boolean descriptor = line[0].equals("fd");
            String said = String.join(" ", List.of(line).subList(descriptor ? 3 : 2, line.length));
            String found = switch (line[0]) {
                case "cmdline" -> joined(process.path("arguments")).replace('\n', ' ');
                case "environ" -> joined(process.path("environment"));
                case "fd" -> file(checkpoint, line[1], line[2]).path("path").asText();
                default -> mapping(checkpoint, line[1], "[" + line[0] + "]");
            };
            if (said.startsWith("socket:")) {
                assertThat(found).matches("(TCP|UNIX DGRAM) .*");
            } else {
                assertThat(found).as(String.join(" ", line)).isEqualTo(said);
            }
        }
        assertThat(checkpoint.path("hostname").asText()).isEqualTo("here");
    }

    private static JsonNode file(JsonNode checkpoint, String pid, String descriptor) {
        return stream(checkpoint.path("file_descriptors"))
                .filter(process -> process.path("pid").asText().equals(pid))
                .flatMap(process -> stream(process.path("open_files")))
                .filter(file -> file.path("fd").asText().equals(descriptor))
                .findFirst()
                .orElseThrow();
    }

    private static String mapping(JsonNode checkpoint, String pid, String name) {
        return stream(checkpoint.path("memory"))
                .filter(process -> process.path("pid").asText().equals(pid))
                .flatMap(process -> stream(process.path("mappings")))
                .filter(mapping -> mapping.path("name").asText().equals(name))
                .map(mapping -> mapping.path("start").asText().substring(2) + "-"
                        + mapping.path("end").asText().substring(2))
                .findFirst()
                .orElse("");
    }

    @Test
    void knowsSocketsWithAddressesAndQueues() {
        List<String> sockets = stream(inspect("--sockets", first).path("sockets"))
                .flatMap(process -> stream(process.path("open_sockets")))
                .map(socket -> socket.path("protocol").asText() + " "
                        + socket.at("/data/state").asText() + " "
                        + socket.at("/data/src_port").asText()
                        + socket.at("/data/address").asText() + " "
                        + socket.at("/data/receive_queue").asText())
                .toList();
        assertThat(sockets).contains("TCP ESTABLISHED 7001 6", "TCP LISTEN 7002 0", "UNIX CLOSE /dev/log 0");
    }

    @Test
    void countsAllMemoryThatWasDumped() {
        JsonNode checkpoint = inspect("--memory", "--stats", first);
        assertThat(bytes(checkpoint, "present"))
                .isEqualTo(checkpoint.at("/checkpoint_size/memory_pages_size").asLong())
                .isEqualTo(checkpoint.at("/statistics/pages_written").asLong() * 4096);
    }

    @Test
    void agreesWithCheckpointctl() {
        String checkpointctl = "/usr/local/lib/ctr/bin/checkpointctl";
        assumeTrue(Files.isExecutable(Path.of(checkpointctl)) || Commands.exists("checkpointctl"), "no checkpointctl");
        String program = Files.isExecutable(Path.of(checkpointctl)) ? checkpointctl : "checkpointctl";
        JsonNode theirs = JsonOutput.of(
                        Commands.run(program, "inspect", "--stats", "--files", "--format", "json", first)
                                .succeeded())
                .path(0);
        JsonNode ours = inspect("--stats", "--files", first);
        for (String key : List.of("image", "id", "runtime", "created")) {
            assertThat(ours.path(key)).as(key).isEqualTo(theirs.path(key));
        }
        theirs.path("checkpoint_size")
                .properties()
                .forEach(size -> assertThat(ours.path("checkpoint_size").path(size.getKey()))
                        .as(size.getKey())
                        .isEqualTo(size.getValue()));
        theirs.path("statistics")
                .properties()
                .forEach(count -> assertThat(ours.path("statistics").path(count.getKey()))
                        .as(count.getKey())
                        .isEqualTo(count.getValue()));
        assertThat(files(ours)).containsExactlyInAnyOrderElementsOf(files(theirs));
    }

    /** Which descriptors are of which kind. */
    private static List<String> files(JsonNode checkpoint) {
        return stream(checkpoint.path("file_descriptors"))
                .flatMap(process -> stream(process.path("open_files"))
                        .map(file -> process.path("pid").asText() + " "
                                + file.path("type").asText() + " "
                                + file.path("fd").asText().replaceAll(".* ", "")))
                .toList();
    }

    @Test
    void tellsWhatChangedBetweenThem() {
        String difference = root.ctr("archive", "diff", first, second);
        assertThat(difference.lines().map(String::strip))
                .anyMatch(line -> line.matches("D \\[\\d+] {2}sleep 2000, ALIVE"))
                .anyMatch(line -> line.matches("C \\[\\d+] 3 {2}/messages .* -> /messages .*"))
                .anyMatch(line -> line.matches("C \\[\\d+] 0 {2}TCP .*unread 6 B.* -> TCP .*unread 11 B.*"))
                .anyMatch(line -> line.matches("C \\[\\d+] syslogd \\S+ rw-p \\[heap]: \\d+ pages .* changed.*"))
                .contains("A /added  2 B", "A vol:/note  2 B");
        JsonNode json = JsonOutput.of(root.ctr("archive", "diff", "--format", "json", first, second));
        assertThat(json.at("/processes/0/change").asText()).isEqualTo("removed");
        assertThat(json.at("/memory/0/bytes_changed").asLong() % 4096).isZero();
        assertThat(root.ctr("archive", "diff", first, first)).isEmpty();
    }

    @Test
    void printsNothingThatCommandsATerminal() throws IOException {
        String tree = root.ctr("archive", "inspect", "--all", first);
        assertThat(tree).contains("FOO=b\\x1b[1mr").doesNotContain("\u001b");
        Path empty = root.directory().resolve("into");
        root.ctr("archive", "extract", first, empty.toString());
        assertThat(empty.resolve("checkpoint/inventory.img")).isRegularFile();
        assertThat(root.run("archive", "extract", first, empty.toString()).failedWith(125))
                .contains("not empty");
        Files.writeString(empty.resolve("checkpoint/inventory.img"), "x");
        Path broken = root.directory().resolve("broken.tar");
        Commands.run("tar", "-C", empty.toString(), "-cf", broken.toString(), ".")
                .succeeded();
        assertThat(root.run("archive", "inspect", broken.toString()).failedWith(125))
                .contains("inventory.img");
    }

    @Test
    void looksIntoChainsOfPreCheckpoints() {
        String chain = root.directory().resolve("chain.tar").toString();
        root.ctr("checkpoint", "-P", "one");
        root.ctr("checkpoint", "-R", "--with-previous", "--tcp-established", "-c", "none", "-e", chain, "one");
        JsonNode checkpoint = inspect("--memory", chain);
        assertThat(joined(checkpoint.path("levels"))).isEqualTo("checkpoint|pre-checkpoint|");
        assertThat(checkpoint.at("/process_tree/0/cmdline").asText()).startsWith("sh -c mkfifo /fifo");
        assertThat(bytes(checkpoint, "parent")).isPositive().isGreaterThan(bytes(checkpoint, "present"));
        assertThat(bytes(checkpoint, "missing")).isZero();
    }

    private static long bytes(JsonNode checkpoint, String kind) {
        return stream(checkpoint.path("memory"))
                .flatMap(process -> stream(process.path("mappings")))
                .mapToLong(mapping -> mapping.path(kind).asLong())
                .sum();
    }

    @Test
    void looksIntoPodmansArchives() {
        try (Podman podman = Podman.assumeUsable()) {
            podman.podman("run", "-d", "--name", "two", "--network", "none", "-e", "A=b", "bb", "sleep", "4000");
            String archive = podman.directory().resolve("two.tar").toString();
            podman.podman("container", "checkpoint", "-e", archive, "two");
            assertThat(root.ctr("archive", "show", archive)
                            .lines()
                            .skip(1)
                            .toList()
                            .get(0))
                    .startsWith("two ")
                    .contains("Podman", "runc");
            JsonNode process = inspect("--env", archive).at("/process_tree/0");
            assertThat(process.path("cmdline").asText()).isEqualTo("sleep 4000");
            assertThat(joined(process.path("environment"))).contains("A=b|");
        }
    }
}
