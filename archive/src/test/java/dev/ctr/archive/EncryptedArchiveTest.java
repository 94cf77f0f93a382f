package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.archive.ArchiveException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the program age, without which none of it can be tested. */
class EncryptedArchiveTest {
    @TempDir
    Path temp;

    @Test
    void ageReadsWhatIsWrittenAndTheOtherWayRound() throws IOException {
        Recipients recipients = recipients("a", "b");
        byte[] pages = new byte[300_000];
        new Random(1).nextBytes(pages);
        Path archive = temp.resolve("c.age");
        write(archive, pages, recipients);

        for (String key : List.of("a", "b")) {
            assertThat(unpack(archive, key).require("ctr.log")).hasBinaryContent(pages);
            Shell.run(
                    temp,
                    "age -d -i %s c.age > %s.zst; zstd -qdc %s.zst | tar -tf - | grep -qx config.dump"
                            .formatted(key, key, key));
        }
        Shell.run(temp, "age -r $(age-keygen -y a) < a.zst > theirs; age -a -r $(age-keygen -y a) < a.zst > armored");
        for (String theirs : List.of("a.zst", "theirs", "armored")) {
            assertThat(unpack(temp.resolve(theirs), "a").manifest()).isPresent();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)))
                .isEqualTo("rw-------");
        assertThat(CheckpointArchiveReader.peek(archive, identities("b"))
                        .path("id")
                        .asText())
                .isEqualTo("abc");
    }

    @Test
    void everyFlippedByteIsFound() throws IOException {
        Recipients recipients = recipients("a", "b");
        Identities identities = identities("a");
        Path archive = temp.resolve("c.age");
        write(archive, new byte[10], recipients);
        byte[] whole = Files.readAllBytes(archive);
        assertThat(verify(whole, identities)).isTrue();

        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            assertThat(verify(flipped, identities))
                    .as("flipped at %d of %d", at, whole.length)
                    .isFalse();
        }
        for (int length = 0; length < whole.length; length += 13) {
            assertThat(verify(Arrays.copyOf(whole, length), identities))
                    .as("cut at %d", length)
                    .isFalse();
        }
        for (int more : List.of(1, 16, 512, 70_000)) {
            assertThat(verify(Arrays.copyOf(whole, whole.length + more), identities))
                    .as("%d more", more)
                    .isFalse();
        }
    }

    @Test
    void whoeverIsNoRecipientIsToldSo() throws IOException {
        Path archive = temp.resolve("c.age");
        write(archive, new byte[10], recipients("a"));
        recipients("other");

        assertThatThrownBy(() -> CheckpointArchiveReader.open(archive, ExtractionLimits.GENEROUS))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(Code.ENCRYPTED, ArchiveException::code)
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .contains("c.age is encrypted: give --identity FILE");
        assertThatThrownBy(() -> unpack(archive, "other"))
                .asInstanceOf(InstanceOfAssertFactories.type(ArchiveException.class))
                .returns(Code.ENCRYPTED, ArchiveException::code)
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .contains("c.age cannot be decrypted");
    }

    @Test
    void recipientsAndIdentitiesThatAreNoneAreRefused() throws IOException {
        recipients("a");
        Files.writeString(temp.resolve("empty"), "# nobody\n");
        Files.writeString(temp.resolve("secret"), "swordfish\n");
        String recipient = Shell.run(temp, "age-keygen -y a").strip();
        Files.writeString(temp.resolve("list"), "# one\n\n" + recipient + "\n");

        assertThat(Recipients.parse(List.of("@" + temp.resolve("list"))).isEmpty())
                .isFalse();
        for (String word : List.of(
                "",
                "ssh-ed25519 AAAA",
                "age1",
                recipient.substring(0, 60),
                recipient + "q",
                "@" + temp.resolve("empty"))) {
            assertThatThrownBy(() -> Recipients.parse(List.of(word))).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Recipients.parse(List.of("@" + temp.resolve("missing"))))
                .hasMessageContaining("no such file");
        for (String file : List.of("empty", "secret", "list")) {
            assertThatThrownBy(() -> Identities.read(List.of(temp.resolve(file))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(file)
                    .hasMessageNotContaining("swordfish");
        }
    }

    private Recipients recipients(String... keys) throws IOException {
        for (String key : keys) {
            Shell.run(
                    temp, "rm -f list-%s; age-keygen -o %s; age-keygen -y %s > list-%s".formatted(key, key, key, key));
        }
        return Recipients.parse(Arrays.stream(keys)
                .map(key -> "@" + temp.resolve("list-" + key))
                .toList());
    }

    private Identities identities(String key) throws IOException {
        return Identities.read(List.of(temp.resolve(key)));
    }

    private static void write(Path archive, byte[] log, Recipients recipients) throws IOException {
        try (CheckpointArchiveWriter writer =
                CheckpointArchiveWriter.create(archive, Compression.ZSTD, 1, recipients, ArchiveCopy.NONE)) {
            writer.addBytes(ArchiveEntries.CONFIG_DUMP, "{\"id\": \"abc\"}".getBytes(StandardCharsets.UTF_8));
            writer.addBytes(ArchiveEntries.LOG, log);
            writer.commit();
        }
    }

    private UnpackedArchive unpack(Path archive, String key) throws IOException {
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.open(archive, identities(key), ExtractionLimits.GENEROUS)) {
            return reader.unpackTo(Files.createTempDirectory(temp, "staging"));
        }
    }

    private static boolean verify(byte[] archive, Identities identities) throws IOException {
        try (CheckpointArchiveReader reader = CheckpointArchiveReader.of(
                new ByteArrayInputStream(archive), "test.age", identities, ExtractionLimits.GENEROUS)) {
            return reader.verify().isIntact();
        } catch (ArchiveException e) {
            return false;
        }
    }
}
