package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a person sees of manifests, encryption and policies. */
class TrustedArchiveTest {
    @Test
    void anArchiveIsVerifiedEncryptedAndRestoredByThoseWhoMay() throws IOException {
        try (CtrRoot root = CtrRoot.create().withBusybox()) {
            String key = root.directory().resolve("key").toString();
            Commands.run("age-keygen", "-o", key).succeeded();
            String recipient = Commands.run("age-keygen", "-y", key).succeeded();
            String plain = root.directory().resolve("plain.tar").toString();
            String secret = root.directory().resolve("secret.age").toString();
            root.ctr("run", "-d", "--network", "none", "--name", "one", "bb", "sleep", "1000");

            root.ctr("checkpoint", "-R", "-c", "none", "-e", plain, "one");
            root.ctr("checkpoint", "-e", secret, "--encrypt", recipient, "one");
            root.ctr("rm", "one");

            assertThat(root.ctr("archive", "verify", "--identity", key, plain, secret)
                            .lines())
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line).contains(": intact, ").contains("sha256:"));
            assertThat(JsonOutput.of(root.ctr("archive", "verify", "--format", "json", plain))
                            .get(0)
                            .path("intact")
                            .asBoolean())
                    .isTrue();
            String needsKey = secret + " is encrypted: give --identity FILE";
            assertThat(root.run("archive", "verify", secret).failedWith(125)).contains(needsKey);
            assertThat(root.run("restore", "-i", secret).failedWith(125)).contains(needsKey);
            assertThat(root.ctr("restore", "-i", secret, "--identity", key, "--require-manifest"))
                    .hasSize(64);
            root.ctr("rm", "-f", "-t", "0", "one");

            foreignArchivesAreAcceptedWithAWarning(root, Path.of(plain));
            aChangedByteIsFound(root, Path.of(plain));
        }
    }

    private static void foreignArchivesAreAcceptedWithAWarning(CtrRoot root, Path archive) throws IOException {
        Path foreign = root.directory().resolve("foreign.tar");
        Files.copy(ArchiveParts.of(archive).stream(), foreign);
        assertThat(root.run("archive", "verify", foreign.toString()).failedWith(125))
                .contains("has no manifest, so nothing in it can be verified");
        assertThat(root.run("restore", "-i", foreign.toString(), "--require-manifest")
                        .failedWith(125))
                .contains("has no manifest, and one is required");
        CommandResult restored = root.run("restore", "-i", foreign.toString());
        restored.succeeded();
        assertThat(restored.errors()).contains("Warning: ").contains("has no manifest");
        root.ctr("rm", "-f", "-t", "0", "one");
    }

    private static void aChangedByteIsFound(CtrRoot root, Path archive) throws IOException {
        byte[] bytes = Files.readAllBytes(archive);
        bytes[bytes.length / 2] ^= 1;
        Files.write(archive, bytes);
        assertThat(root.run("archive", "verify", archive.toString()).failedWith(125))
                .contains("is not as it was written");
        assertThat(root.run("restore", "-i", archive.toString()).failedWith(125))
                .contains("copy it again");
        assertThat(root.leftovers()).isEmpty();
    }
}
