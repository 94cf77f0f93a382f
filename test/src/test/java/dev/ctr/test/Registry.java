package dev.ctr.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A real registry on this host's loopback address, with or without a password and TLS. */
final class Registry implements AutoCloseable {
    static final String USER = "user";
    static final String PASSWORD = "secret";

    /** {@link #USER} with {@link #PASSWORD}, hashed with bcrypt, the only form that the registry takes. */
    private static final String PASSWORDS = "user:$2b$04$50hRR7nbMSP7mWjXAJaQbupC1DlOs8EWVv8nhsIng8M03NTHm.eaC\n";

    private final Path directory;
    private final String address;
    private final Process process;

    private Registry(Path directory, String address, Process process) {
        this.directory = directory;
        this.address = address;
        this.process = process;
    }

    /** Starts one that lets everybody in and speaks HTTP. */
    static Registry open() {
        return start(false);
    }

    /** Starts one that wants a password and speaks HTTPS with a certificate of a CA of its own. */
    static Registry guarded() {
        assumeTrue(Commands.exists("openssl"), "openssl is not installed");
        return start(true);
    }

    private static Registry start(boolean guarded) {
        assumeTrue(Commands.exists("docker-registry"), "docker-registry is not installed");
        assumeTrue(Commands.exists("skopeo"), "skopeo is not installed");
        try {
            Path directory = Files.createTempDirectory("ctr-test-registry-");
            String address = "127.0.0.1:" + freePort();
            Path config = Files.writeString(
                    directory.resolve("config.yml"), configuration(directory, address, guarded));
            Process process = Commands.start(
                    Map.of(),
                    List.of("docker-registry", "serve", config.toString()),
                    directory.resolve("registry.out"),
                    directory.resolve("registry.err"));
            Registry registry = new Registry(directory, address, process);
            registry.await();
            return registry;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String configuration(Path directory, String address, boolean guarded) throws IOException {
        String common = """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: %s}}
                """.formatted(directory.resolve("content"));
        if (!guarded) {
            return common + "http: {addr: \"" + address + "\"}\n";
        }
        Path passwords = Files.writeString(directory.resolve("htpasswd"), PASSWORDS);
        makeCertificates(directory);
        return common
                + """
                auth: {htpasswd: {realm: test, path: %s}}
                http: {addr: "%s", tls: {certificate: %s, key: %s}}
                """.formatted(passwords, address, directory.resolve("server.crt"), directory.resolve("server.key"));
    }

    private static void makeCertificates(Path directory) throws IOException {
        Files.writeString(directory.resolve("names"), "subjectAltName=IP:127.0.0.1");
        Files.createDirectory(directory.resolve("certs"));
        Commands.run("sh", "-c", """
                        cd %s &&
                        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out certs/ca.crt &&
                        openssl req -newkey rsa:2048 -nodes -subj /CN=registry -keyout server.key -out server.csr &&
                        openssl x509 -req -in server.csr -CA certs/ca.crt -CAkey ca.key -CAcreateserial -days 2 \\
                            -extfile names -out server.crt
                        """.formatted(directory)).succeeded();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void await() {
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        try {
            Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    return socket.isConnected();
                } catch (IOException notYet) {
                    return false;
                }
            });
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** {@code HOST:PORT}. */
    String address() {
        return address;
    }

    /** The directory with the CA's certificate. */
    String certificates() {
        return directory.resolve("certs").toString();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        Leftovers.deleteTree(directory);
    }
}
