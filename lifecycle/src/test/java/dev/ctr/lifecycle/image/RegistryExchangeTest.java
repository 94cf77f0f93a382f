package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ctr.lifecycle.EngineException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images go to a real registry, which asks for a password and speaks plain HTTP, and come back. */
final class RegistryExchangeTest {
    /** {@code user} with the password {@code secret}, hashed with bcrypt. */
    private static final String USER = "user:$2b$04$50hRR7nbMSP7mWjXAJaQbupC1DlOs8EWVv8nhsIng8M03NTHm.eaC";

    @TempDir
    Path directory;

    private @Nullable Process registry;
    private String address;
    private ImageStore store;
    private Image image;
    private RegistryOptions login;

    @BeforeEach
    void startRegistry() throws Exception {
        Peers.assumeInstalled("docker-registry");
        Peers.assumeInstalled("skopeo");
        int port = freePort();
        address = "127.0.0.1:" + port;
        Path passwords = Files.writeString(directory.resolve("htpasswd"), USER + "\n");
        Path config = Files.writeString(
                directory.resolve("config.yml"), """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: %s}}
                auth: {htpasswd: {realm: test, path: %s}}
                http: {addr: "%s"}
                """.formatted(directory.resolve("registry"), passwords, address));
        registry = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .start();
        awaitPort(port);
        store = new ImageStore(directory.resolve("ctr"));
        byte[] tar = new RootfsTar().file("f", "content").finish();
        image = store.importTar(new ByteArrayInputStream(tar), ImportOptions.named("bb"));
        login = new RegistryOptions(false, "user:secret", "");
    }

    @AfterEach
    void stopRegistry() throws InterruptedException {
        if (registry != null) {
            registry.destroyForcibly().waitFor();
        }
    }

    @Test
    void anImageComesBackAsItWas() {
        store.push(image, address + "/team/bb:v1", login);
        ImageStore other = new ImageStore(directory.resolve("other"));
        Image pulled = other.pull(address + "/team/bb:v1", login);
        assertThat(pulled.id()).isEqualTo(image.id());
        assertThat(pulled.digest()).isEqualTo(image.digest());
        assertThat(pulled.names()).extracting(ImageName::toString).containsExactly(address + "/team/bb:v1");
        Image byDigest = other.pull(address + "/team/bb@" + image.digest(), login);
        assertThat(byDigest).isEqualTo(pulled);
        assertThat(other.list()).hasSize(1);
    }

    @Test
    void aWrongPasswordIsReportedAndShownToNobody() {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.push(image, address + "/bb", new RegistryOptions(false, "user:wrong", "")))
                .withMessageContaining("authentication required")
                .withMessageNotContaining("wrong")
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.RUNTIME));
        assertThat(directory.resolve("ctr/scratch")).isEmptyDirectory();
    }

    @Test
    void plainHttpIsOnlySpokenOnDemand() {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.push(image, address + "/bb", new RegistryOptions(true, "user:secret", "")))
                .withMessageContaining("HTTP response to HTTPS client");
    }

    @Test
    void whatIsNotThereCannotBePulled() {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.pull(address + "/nothing:v1", login))
                .withMessageContaining("manifest unknown");
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void aPullIsCancelledByAnInterrupt() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String reference = "127.0.0.1:" + silent.getLocalPort() + "/bb:v1";
            FutureTask<Image> pull = new FutureTask<>(() -> store.pull(reference, login));
            Thread thread = new Thread(pull, "pull");
            thread.start();
            try (Socket asked = silent.accept()) {
                assertThat(asked.isConnected()).isTrue();
                thread.interrupt();
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(() -> pull.get(20, TimeUnit.SECONDS))
                        .havingCause()
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                e -> assertThat(e.code()).isEqualTo(EngineException.Code.CANCELLED));
            }
        }
        assertThat(directory.resolve("ctr/scratch")).isEmptyDirectory();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitPort(int port) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (Instant.now().isBefore(end)) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException e) {
                assertThat(registry != null && registry.isAlive())
                        .as("docker-registry runs")
                        .isTrue();
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new AssertionError("docker-registry does not listen: " + List.of(port));
    }
}
