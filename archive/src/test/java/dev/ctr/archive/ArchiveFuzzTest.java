package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small archives, changed at random: whatever comes of it ends well or in one clear sentence, outside of its directory nothing
 * changes, and no changed byte goes unseen. {@code -Dctr.fuzz.cases} says how many to try, {@code -Dctr.fuzz.seed} from where on;
 * the seed of a failure is in its message.
 */
class ArchiveFuzzTest {
    private static final int CASES = Integer.getInteger("ctr.fuzz.cases", 10_000);
    private static final long SEED = Long.getLong("ctr.fuzz.seed", 1);
    private static final ExtractionLimits LIMITS = new ExtractionLimits(16 << 20, 1000);

    /** Where small files cost least. */
    private static final Path MEMORY = Path.of("/dev/shm");

    @TempDir
    Path temp;

    private final List<Sample> samples = new ArrayList<>();
    private Identities identities = Identities.NONE;

    /** An archive as it was written. */
    private static final class Sample {
        private final String name;
        private final byte[] bytes;
        private final Compression compression;
        private final boolean encrypted;

        Sample(String name, byte[] bytes, Compression compression, boolean encrypted) {
            this.name = name;
            this.bytes = bytes;
            this.compression = compression;
            this.encrypted = encrypted;
        }

        String name() {
            return name;
        }

        byte[] bytes() {
            return bytes;
        }

        Compression compression() {
            return compression;
        }

        boolean encrypted() {
            return encrypted;
        }
    }

    @BeforeEach
    void makeSamples() throws IOException {
        Path key = temp.resolve("key");
        Shell.run(temp, "age-keygen -o key; age-keygen -y key > recipients");
        identities = Identities.read(List.of(key));
        Recipients recipients = Recipients.parse(List.of("@" + temp.resolve("recipients")));
        for (String compression : List.of("none", "zstd", "gzip")) {
            samples.add(sample(compression, Recipients.NONE));
        }
        samples.add(sample("zstd", recipients));
    }

    @Test
    void noChangeOfAnArchiveIsDangerousOrUnseen() throws IOException {
        Path staging = Files.createTempDirectory(Files.isDirectory(MEMORY) ? MEMORY : temp, "ctr-fuzz");
        List<String> around = names(temp);
        for (int i = 0; i < CASES; i++) {
            long seed = SEED + i;
            Random random = new Random(seed);
            // To decrypt takes a millisecond, which most cases should not cost.
            Sample sample = samples.get(random.nextInt(40) == 0 ? 3 : random.nextInt(3));
            byte[] mutant = mutate(sample, random);

            String outcome = unpack(mutant, staging.resolve(Long.toString(seed)));

            String which = "%s, -Dctr.fuzz.seed=%d -Dctr.fuzz.cases=1".formatted(sample.name(), seed);
            assertThat(outcome).as(which).doesNotContain("\n").hasSizeLessThan(5000);
            boolean accepted = outcome.isEmpty();
            assertThat(accepted && !Arrays.equals(mutant, sample.bytes()) && isSealed(mutant, sample))
                    .as("not seen: " + which)
                    .isFalse();
        }
        assertThat(names(temp)).isEqualTo(around);
        Files.delete(staging);
    }

    /** Whether what was accepted can be ours still: without a manifest it is another program's archive. */
    private boolean isSealed(byte[] mutant, Sample sample) throws IOException {
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.of(new ByteArrayInputStream(mutant), sample.name(), identities, LIMITS)) {
            return reader.verify().manifest().isPresent();
        }
    }

    /** Unpacks and deletes; returns the refusal, or nothing. */
    private String unpack(byte[] archive, Path staging) throws IOException {
        Files.createDirectory(staging);
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.of(new ByteArrayInputStream(archive), "fuzzed", identities, LIMITS)) {
            reader.unpackTo(staging);
            return "";
        } catch (ArchiveException e) {
            assertThat(e.getMessage()).contains("fuzzed");
            return String.valueOf(e.getMessage());
        } catch (IOException e) {
            assertThat(e).isExactlyInstanceOf(IOException.class);
            return String.valueOf(e.getMessage());
        } finally {
            deleteFilesAlone(staging);
        }
    }

    private static void deleteFilesAlone(Path directory) throws IOException {
        for (File child : Optional.ofNullable(directory.toFile().listFiles()).orElse(new File[0])) {
            if (Files.isDirectory(child.toPath(), LinkOption.NOFOLLOW_LINKS)) {
                deleteFilesAlone(child.toPath());
            } else {
                boolean isFile = Files.isRegularFile(child.toPath(), LinkOption.NOFOLLOW_LINKS);
                assertThat(isFile || child.toPath().endsWith("checkpoint/parent"))
                        .as("a file or the one link: " + child)
                        .isTrue();
                Files.delete(child.toPath());
            }
        }
        Files.delete(directory);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(Path::toString).sorted().toList();
        }
    }

    private static byte[] mutate(Sample sample, Random random) throws IOException {
        boolean inside = !sample.encrypted() && random.nextBoolean();
        byte[] bytes = inside ? decompressed(sample) : sample.bytes();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            bytes = inside && random.nextBoolean() ? changeBlocks(bytes, random) : changeBytes(bytes, random);
        }
        return inside ? TarBuilder.compress(bytes, sample.compression()) : bytes;
    }

    private static byte[] decompressed(Sample sample) throws IOException {
        return Compression.decompress(new ByteArrayInputStream(sample.bytes()), sample.name())
                .readAllBytes();
    }

    private static byte[] changeBytes(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[] {1};
        }
        int at = random.nextInt(bytes.length);
        byte[] changed = bytes.clone();
        switch (random.nextInt(6)) {
            case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> changed[at] = (byte) random.nextInt(256);
            case 2 ->
                Arrays.fill(changed, at, Math.min(bytes.length, at + random.nextInt(600)), (byte) random.nextInt(2));
            case 3 -> changed = Arrays.copyOf(bytes, at);
            case 4 -> changed = moved(bytes, at, at, random.nextInt(bytes.length - at) + 1);
            default -> changed = moved(bytes, at, random.nextInt(bytes.length), 0);
        }
        return changed;
    }

    /** Cuts out, repeats and moves whole blocks, which is what entries are made of. */
    private static byte[] changeBlocks(byte[] bytes, Random random) {
        int blocks = bytes.length / TarHeaders.BLOCK;
        if (blocks < 4) {
            return bytes;
        }
        int from = random.nextInt(blocks) * TarHeaders.BLOCK;
        int length = (1 + random.nextInt(4)) * TarHeaders.BLOCK;
        int to = random.nextInt(blocks) * TarHeaders.BLOCK;
        byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + length));
        byte[] rest = random.nextBoolean() ? moved(bytes, from, from, piece.length) : bytes;
        return random.nextInt(3) == 0 ? rest : inserted(rest, Math.min(to, rest.length), piece);
    }

    /** Leaves out {@code length} bytes at a place, or repeats at the end what is between two. */
    private static byte[] moved(byte[] bytes, int at, int other, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.write(bytes, at + length, bytes.length - at - length);
        out.write(bytes, Math.min(at, other), Math.abs(at - other));
        return out.toByteArray();
    }

    private static byte[] inserted(byte[] bytes, int at, byte[] piece) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(piece);
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    private Sample sample(String compression, Recipients recipients) throws IOException {
        Path file = temp.resolve("sample-" + compression + samples.size());
        Path checkpoint = temp.resolve("checkpoint");
        if (!Files.exists(checkpoint)) {
            Shell.run(
                    temp,
                    "mkdir checkpoint; echo img > checkpoint/inventory.img; seq 300 > checkpoint/pages-1.img;"
                            + " ln -s ../pre-checkpoint checkpoint/parent");
        }
        Compression parsed = Compression.parse(compression);
        try (CheckpointArchiveWriter writer =
                CheckpointArchiveWriter.create(file, parsed, 1, recipients, ArchiveCopy.NONE)) {
            writer.addDirectory(ArchiveEntries.ARTIFACTS, 0755);
            writer.addBytes(ArchiveEntries.CONFIG_DUMP, "{\"id\": \"abc\"}".getBytes(StandardCharsets.UTF_8));
            writer.addTree(ArchiveEntries.CHECKPOINT, checkpoint);
            writer.addTar(ArchiveEntries.volume("data"), TarPlan.ofDirectory(checkpoint));
            writer.commit();
        }
        boolean encrypted = !recipients.isEmpty();
        return new Sample(compression + (encrypted ? " encrypted" : ""), Files.readAllBytes(file), parsed, encrypted);
    }
}
