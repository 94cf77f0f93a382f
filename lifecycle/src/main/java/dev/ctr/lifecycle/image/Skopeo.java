package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
import dev.ctr.lifecycle.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
    private final Path scratch;

    /** @param scratch a directory that lives as long as the copy */
    Skopeo(Path scratch) {
        this.scratch = scratch;
    }

    /** Gets an image from a registry into a directory that does not exist yet. */
    void pull(ImageName name, String reference, PullOptions options, Path directory) throws IOException {
        String phase = "pull " + reference;
        options.progress().report(phase, 0, 0);
        new SkopeoRun(phase, scratch)
                .with(platform(options.platform()))
                .with("copy", "--quiet")
                .with(access(name, options.registry(), "src-"))
                .with("--", "docker://" + reference, "dir:" + directory)
                .ticking(pid -> options.progress().report(phase, sizeOf(directory), 0))
                .run();
    }

    /** The manifest that a registry has under a name, or its list of manifests for several platforms. */
    byte[] manifest(ImageName name, String reference, PullOptions options) throws IOException {
        return new SkopeoRun("ask for " + reference, scratch)
                .with("inspect", "--raw")
                .with(access(name, options.registry(), ""))
                .with("--", "docker://" + reference)
                .run();
    }

    /** Sends an image and returns the digest by which the registry knows it. */
    Digest push(Path directory, ImageName name, PushOptions options) throws IOException {
        Path digest = scratch.resolve("digest");
        long size = sizeOf(directory);
        SkopeoRun run = new SkopeoRun("push " + name, scratch)
                .with("copy", "--quiet", "--digestfile", digest.toString())
                .with(access(name, options.registry(), "dest-"));
        if (!options.format().isEmpty()) {
            run.with("--format", options.format());
        }
        run.with("--", "dir:" + directory, "docker://" + name)
                .ticking(pid -> reportRead(pid, size, options.progress()))
                .run();
        return Digest.parse(Files.readString(digest).strip());
    }

    /** @param name empty for an archive without a name */
    void save(Path directory, ArchiveFormat format, Path target, String name) throws IOException {
        String reference = name.isEmpty() ? "" : ":" + name;
        new SkopeoRun("save the image to " + target, scratch)
                .with("copy", "--quiet", "--", "dir:" + directory, format.word() + ":" + target + reference)
                .run();
    }

    private static List<String> platform(Platform platform) {
        List<String> flags =
                new ArrayList<>(List.of("--override-os", platform.os(), "--override-arch", platform.arch()));
        if (!platform.variant().isEmpty()) {
            flags.addAll(List.of("--override-variant", platform.variant()));
        }
        return flags;
    }

    /**
     * How to reach a registry. A password goes into a file that only we can read: a command line is everybody's to see.
     *
     * @param side {@code src-}, {@code dest-} or empty: how the flags begin
     */
    private List<String> access(ImageName name, RegistryOptions options, String side) throws IOException {
        List<String> flags = new ArrayList<>(List.of("--" + side + "tls-verify=" + options.tlsVerify()));
        if (!options.certDirectory().isEmpty()) {
            flags.addAll(List.of("--" + side + "cert-dir", options.certDirectory()));
        }
        if (!options.credentials().isEmpty()) {
            flags.addAll(List.of(
                    "--" + side + "authfile", credentialsFile(name, options).toString()));
        } else if (!options.authFile().isEmpty()) {
            flags.addAll(List.of("--" + side + "authfile", options.authFile()));
        }
        return flags;
    }

    private Path credentialsFile(ImageName name, RegistryOptions options) throws IOException {
        ObjectNode root = Json.object();
        String encoded =
                Base64.getEncoder().encodeToString(options.credentials().getBytes(StandardCharsets.UTF_8));
        root.putObject("auths").putObject(name.registry()).put("auth", encoded);
        Path file = scratch.resolve("auth.json");
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(file, Json.bytes(root));
        return file;
    }

    private static long sizeOf(Path directory) {
        long size = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                size += Files.size(file);
            }
        } catch (IOException changing) {
            return size;
        }
        return size;
    }

    /** What a process has read by now, as the kernel counts it (proc(5), {@code rchar}). */
    private static void reportRead(long pid, long size, Progress progress) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "io"))) {
                if (line.startsWith("rchar: ")) {
                    progress.report("push", Math.min(size, Long.parseLong(line.substring("rchar: ".length()))), size);
                }
            }
        } catch (NoSuchFileException ended) {
            progress.report("push", size, size);
        } catch (IOException unknown) {
            progress.report("push", 0, size);
        }
    }
}
