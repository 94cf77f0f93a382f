package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Copies images by running {@code skopeo copy}. The store's side is always skopeo's {@code dir:} transport, the only one
 * that leaves manifest and config as they are.
 */
final class Skopeo {
    private static final int MAX_MESSAGE = 64 << 10;

    private final Path scratch;

    /** @param scratch a directory that lives as long as the copy */
    Skopeo(Path scratch) {
        this.scratch = scratch;
    }

    /** Gets an image from a registry into a directory that does not exist yet. */
    void pull(ImageName name, String reference, RegistryOptions options, Path directory) throws IOException {
        List<String> flags = new ArrayList<>(List.of("--src-tls-verify=" + options.tlsVerify()));
        authenticate(name, options, "--src-authfile", flags);
        copy("pull " + reference, flags, "docker://" + reference, "dir:" + directory);
    }

    void push(Path directory, ImageName name, RegistryOptions options) throws IOException {
        List<String> flags = new ArrayList<>(List.of("--dest-tls-verify=" + options.tlsVerify()));
        authenticate(name, options, "--dest-authfile", flags);
        copy("push " + name, flags, "dir:" + directory, "docker://" + name);
    }

    /** @param name empty for an archive without a name */
    void save(Path directory, ArchiveFormat format, Path target, String name) throws IOException {
        String reference = name.isEmpty() ? "" : ":" + name;
        copy("save the image to " + target, List.of(), "dir:" + directory, format.word() + ":" + target + reference);
    }

    /** A password goes into a file that only we can read: a command line is everybody's to see. */
    private void authenticate(ImageName name, RegistryOptions options, String flag, List<String> flags)
            throws IOException {
        if (!options.credentials().isEmpty()) {
            ObjectNode root = Json.object();
            String encoded =
                    Base64.getEncoder().encodeToString(options.credentials().getBytes(StandardCharsets.UTF_8));
            root.putObject("auths").putObject(name.registry()).put("auth", encoded);
            Path file = Files.createFile(
                    scratch.resolve("auth.json"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, Json.bytes(root));
            flags.addAll(List.of(flag, file.toString()));
        } else if (!options.authFile().isEmpty()) {
            flags.addAll(List.of(flag, options.authFile()));
        }
    }

    private void copy(String attempt, List<String> flags, String source, String target) throws IOException {
        List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy", "--tmpdir", scratch.toString()));
        command.addAll(List.of("copy", "--quiet"));
        command.addAll(flags);
        command.addAll(List.of("--", source, target));
        Path output = scratch.resolve("skopeo.log");
        Process process = start(command, output);
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new EngineException(
                        EngineException.Code.RUNTIME, "cannot " + attempt + ": " + reason(output, status));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.CANCELLED, "cannot " + attempt + ": cancelled", e);
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }

    private static Process start(List<String> command, Path output) throws IOException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.RUNTIME, "cannot run skopeo, which moves images: install it", e);
        }
    }

    /** skopeo's last line is a logrus record: {@code time="…" level=fatal msg="…"}. */
    private static String reason(Path output, int status) throws IOException {
        String message;
        try (InputStream in = Files.newInputStream(output)) {
            message = new String(in.readNBytes(MAX_MESSAGE), StandardCharsets.UTF_8);
        }
        List<String> lines = message.lines().filter(line -> !line.isBlank()).toList();
        if (lines.isEmpty()) {
            return "skopeo ended with status " + status;
        }
        String last = lines.get(lines.size() - 1);
        int start = last.indexOf("msg=\"");
        if (start < 0 || !last.endsWith("\"")) {
            return last;
        }
        return last.substring(start + 5, last.length() - 1).replace("\\\"", "\"");
    }
}
