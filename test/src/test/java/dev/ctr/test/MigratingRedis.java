package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@link RedisHosts} with agents, between which the Redis, which has a volume, migrates as a command line says. */
final class MigratingRedis implements AutoCloseable {
    /** So long may take what waits for another side's patience. */
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private static final String MEANWHILE_SECONDS = "20";
    private static final int SIGSTOP = 19;
    private static final int SIGCONT = 18;

    /** So much that it is sent ahead. */
    private static final byte[] CONTENT = new byte[5 << 20];

    private final RedisHosts hosts;
    private final SmallDisk diskOfA;
    private final SmallDisk diskOfB;
    private final TestAgents agents;
    private Set<String> past = Set.of();

    private MigratingRedis(RedisHosts hosts) throws IOException {
        this.hosts = hosts;
        this.diskOfA = SmallDisk.of(hosts.a());
        this.diskOfB = SmallDisk.of(hosts.b());
        this.agents = TestAgents.of(hosts.a(), hosts.b());
    }

    static MigratingRedis make() throws IOException {
        return new MigratingRedis(RedisHosts.make());
    }

    TestHost a() {
        return hosts.a();
    }

    TestHost b() {
        return hosts.b();
    }

    RedisHosts hosts() {
        return hosts;
    }

    TestAgents agents() {
        return agents;
    }

    /** The file system of a host's root. */
    SmallDisk disk(TestHost host) {
        return host == a() ? diskOfA : diskOfB;
    }

    Counting startRedis() throws IOException, InterruptedException {
        Counting client =
                hosts.count(hosts.start(options -> options.volume(new CreateOptions.Volume("", "/data", List.of()))));
        Files.write(content(a()).orElseThrow(), CONTENT);
        client.awaitMore();
        return client;
    }

    /** A file in the volume on a host; empty if it has no volume. */
    private static Optional<Path> content(TestHost host) {
        return host.engine().volumes().list().stream()
                .map(volume -> volume.directory().resolve("content"))
                .findFirst();
    }

    /** A file by which a process can be held at a step. */
    Path gate() {
        return a().root().directory().resolve("gate");
    }

    /** What makes a process wait at a step until {@link #letGo}. */
    String holdAt(String step) {
        return step + "=" + gate();
    }

    void awaitHeld() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(40))
                .until(() -> Files.exists(gate()));
    }

    void letGo() throws IOException {
        Files.deleteIfExists(gate());
    }

    /** What another command says that comes by while a migration is busy with the container, and that gives up waiting. */
    String saidMeanwhile() {
        List<String> command = new ArrayList<>(List.of("timeout", MEANWHILE_SECONDS));
        command.addAll(a().root().command("pause", RedisHosts.NAME));
        return Commands.run(Map.of(), a().inside(command)).errors();
    }

    static void stop(Process process) throws IOException {
        assertThat(Processes.kill(process.pid(), SIGSTOP)).isTrue();
    }

    static void goOn(Process process) throws IOException {
        assertThat(Processes.kill(process.pid(), SIGCONT)).isTrue();
    }

    /** The command that migrates from a host to another, with what comes last. */
    List<String> words(TestHost from, TestHost to, String... more) {
        List<String> words = new ArrayList<>(
                List.of("migrate", RedisHosts.NAME, "--to", TestAgents.address(to), "--tcp-established"));
        words.addAll(agents.identity(from));
        words.addAll(List.of(more));
        return words;
    }

    CommandResult migrate(TestHost from, TestHost to, String... more) {
        return from.run(words(from, to, more).toArray(String[]::new));
    }

    /** Starts a migration from the first host to the second in a process of its own. */
    Process start(String fault, String... more) throws IOException {
        Path directory = a().root().directory();
        past = migrations();
        return Commands.start(
                Map.of("CTR_FAULT", fault),
                a().inside(a().root().command(words(a(), b(), more).toArray(String[]::new))),
                directory.resolve("migrate.out"),
                errors());
    }

    /** What the command that was started last has said. */
    String said() throws IOException {
        return Files.readString(errors());
    }

    private Path errors() {
        return a().root().directory().resolve("migrate.err");
    }

    /** Waits for a command's exit code. */
    static int code(Process command) throws InterruptedException {
        if (!command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            command.destroyForcibly().waitFor();
            throw new AssertionError("the command has not ended");
        }
        return command.exitValue();
    }

    /** The ID of the migration that was started last, once it has begun. */
    String awaitMigration() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .until(
                        () -> migrations().stream()
                                .filter(id -> !past.contains(id))
                                .findFirst()
                                .orElse(""),
                        id -> !id.isEmpty());
    }

    /** The migrations from the first host. */
    private Set<String> migrations() throws IOException {
        Path journal = a().root().root().resolve("migrations");
        if (!Files.isDirectory(journal)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(journal)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("source-") && name.endsWith(".json"))
                    .map(name -> name.substring("source-".length(), name.length() - ".json".length()))
                    .collect(Collectors.toSet());
        }
    }

    /** How far a host knows a migration to be; empty if it does not know of it. */
    static String state(TestHost host, String id) throws IOException {
        for (String side : List.of("source-", "target-")) {
            Path file = host.root().root().resolve("migrations").resolve(side + id + ".json");
            if (Files.exists(file)) {
                JsonNode entry = new ObjectMapper().readTree(Files.readAllBytes(file));
                return entry.path("state").asText();
            }
        }
        return "";
    }

    /** Settles a migration from the first host with one command, unless it is settled; returns how it is then. */
    String resolve(String id) throws IOException {
        String state = state(a(), id);
        if (state.equals("done") || state.equals("cancelled")) {
            return state;
        }
        List<String> words = new ArrayList<>(List.of("migrate", "resolve", id));
        words.addAll(agents.identity(a()));
        return a().ctr(words.toArray(String[]::new)).strip();
    }

    /** One copy runs, on this host, and the other host has nothing of it any more. */
    void assertRunsOnlyOn(TestHost here, Counting client) {
        client.awaitMore();
        Container redis = RedisHosts.redis(here);
        redis.sync();
        assertThat(redis.state().status()).isEqualTo(ContainerStatus.RUNNING);
        assertThat(content(here)).hasValueSatisfying(file -> assertThat(file).hasBinaryContent(CONTENT));
        assertNothingOn(here == a() ? b() : a());
        assertThat(left(here)).noneMatch(line -> line.startsWith("migration"));
    }

    /** A host has nothing of it, or soon will not have. */
    void assertNothingOn(TestHost host) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(left(host)).isEmpty());
    }

    /** What a host still has of migrations and containers, but for its agent and the journal's records. */
    private static List<String> left(TestHost host) {
        List<String> left = new ArrayList<>(host.leftovers());
        host.engine().volumes().list().forEach(volume -> left.add("volume " + volume.name()));
        Path journal = host.root().root().resolve("migrations");
        if (Files.isDirectory(journal)) {
            try (Stream<Path> files = Files.list(journal)) {
                files.filter(file -> Files.isDirectory(file) || file.toString().endsWith(".cancel"))
                        .forEach(file -> left.add("migration " + file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return left;
    }

    @Override
    public void close() throws InterruptedException, IOException {
        letGo();
        try {
            agents.close();
            diskOfA.close();
            diskOfB.close();
        } finally {
            hosts.close();
        }
    }
}
