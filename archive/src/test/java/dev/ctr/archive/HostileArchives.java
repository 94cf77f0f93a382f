package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Archives that nobody should make, each with a name that says what it tries. */
final class HostileArchives {
    private static final int BLOCK = TarHeaders.BLOCK;

    private final List<Case> cases = new ArrayList<>();

    /** One of them: what it tries, and its bytes. */
    static final class Case {
        private final String name;
        private final byte[] archive;

        Case(String name, byte[] archive) {
            this.name = name;
            this.archive = archive;
        }

        String name() {
            return name;
        }

        byte[] archive() {
            return archive;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> all() {
        HostileArchives all = new HostileArchives();
        all.names();
        all.kinds();
        all.twins();
        all.headers();
        all.sizes();
        all.compressed();
        all.manifests();
        return all.cases;
    }

    private void names() {
        for (String name : List.of(
                "../escaped",
                "../../../../../../../../escaped",
                "checkpoint/../../escaped",
                "./../escaped",
                "checkpoint/..",
                "..",
                "/escaped",
                "//escaped",
                "/",
                "volumes/../../escaped.tar",
                "artifacts/x/../../../escaped",
                "\0/../escaped")) {
            add("a file named " + name.replace('\0', '0'), new TarBuilder().file(name, "x"));
        }
        add("a directory above", new TarBuilder().directory("../escaped/"));
        add("a very long name", new TarBuilder().file("checkpoint/" + "x".repeat(5000), "x"));
        add("a name of a megabyte", new TarBuilder().file("a/".repeat(500_000) + "b", "x"));
        add("a component too long for a file system", new TarBuilder().file("checkpoint/" + "x".repeat(300), "x"));
        add("nesting that is deep", new TarBuilder().file("artifacts/" + "d/".repeat(600) + "f", "x"));
        add(
                "a name that is no UTF-8",
                new TarBuilder().file("checkpoint/\udcff\udcfe", "x").file("checkpoint/../\udcff", "x"));
        add("an absolute name in a pax header", extended("path", "/escaped"));
        add("a name above in a pax header", extended("path", "checkpoint/../../escaped"));
        add("a NUL in a name of a pax header", extended("path", "config.dump\0/../escaped"));
        add("a GNU long name above", gnuLongName("../escaped"));
        add("a global pax header that renames everything", globalHeader("path", "../escaped"));
    }

    private void kinds() {
        add(
                "a link to a directory outside",
                new TarBuilder().symbolicLink("checkpoint", "/tmp").file("checkpoint/escaped", "x"));
        add("a link instead of the configuration", new TarBuilder().symbolicLink("config.dump", "/etc/passwd"));
        add(
                "a link and a file through it",
                new TarBuilder().symbolicLink("checkpoint/d", "..").file("checkpoint/d/x", "x"));
        add("a parent link elsewhere", new TarBuilder().symbolicLink("checkpoint/parent", "/etc"));
        add("a parent link above", new TarBuilder().symbolicLink("checkpoint/parent", "../../escaped"));
        add(
                "a file through the parent link",
                new TarBuilder()
                        .symbolicLink("checkpoint/parent", "../pre-checkpoint")
                        .file("checkpoint/parent/x", "x"));
        add("a hard link to a host file", new TarBuilder().hardLink("config.dump", "/etc/passwd"));
        add("a hard link above", new TarBuilder().hardLink("checkpoint/x", "../../etc/passwd"));
        add(
                "a hard link to another entry",
                new TarBuilder().file("config.dump", "{}").hardLink("spec.dump", "config.dump"));
        add("a hard link to itself", new TarBuilder().hardLink("checkpoint/x", "checkpoint/x"));
        add("a character device", new TarBuilder().device("checkpoint/null", 1, 3));
        add("a device as configuration", new TarBuilder().device("config.dump", 1, 5));
        add("a FIFO", raw(new TarBuilder().file("config.dump", ""), 156, '6'));
        add("a block device", raw(new TarBuilder().file("checkpoint/disk", ""), 156, '4'));
        add("a kind that nobody knows", raw(new TarBuilder().file("config.dump", ""), 156, 'Z'));
        add("a sparse file", raw(new TarBuilder().file("config.dump", ""), 156, 'S'));
        add("a sparse file in a pax header", extended("GNU.sparse.realsize", "999999999999"));
        add("a continued volume", raw(new TarBuilder().file("config.dump", ""), 156, 'M'));
        add(
                "a directory instead of the configuration",
                new TarBuilder().directory("config.dump/").file("config.dump/x", "x"));
        add(
                "a file instead of a directory",
                new TarBuilder().file("checkpoint", "x").file("checkpoint/x", "x"));
        add(
                "a volume that is a directory",
                new TarBuilder().directory("volumes/a.tar/").file("volumes/a.tar/x", "x"));
        add("a volume that is a link", new TarBuilder().symbolicLink("volumes/a.tar", "/etc/shadow"));
    }

    private void twins() {
        add(
                "the configuration twice",
                new TarBuilder().file("config.dump", "{}").file("config.dump", "{}"));
        add(
                "the configuration twice by other names",
                new TarBuilder().file("config.dump", "{}").file(".//config.dump", "{}"));
        add(
                "a directory and a file of one name",
                new TarBuilder().directory("checkpoint/x/").file("checkpoint/x", "x"));
        add(
                "a file and a link of one name",
                new TarBuilder().file("checkpoint/parent", "").symbolicLink("checkpoint/parent", "../pre-checkpoint"));
        add("the configuration in capitals", new TarBuilder().file("CONFIG.dump", "{}"));
        add("a checkpoint in capitals", new TarBuilder().file("Checkpoint/x", "x"));
        add("the configuration in wide letters", new TarBuilder().file("\uff43onfig.dump", "{}"));
        add(
                "images that differ by case",
                new TarBuilder().file("checkpoint/pages-1.img", "").file("checkpoint/Pages-1.img", ""));
        add(
                "images that differ by normalisation",
                new TarBuilder().file("checkpoint/\u00e9", "").file("checkpoint/e\u0301", ""));
    }

    private void headers() {
        byte[] tar = new TarBuilder().file("config.dump", "{}").bytes();
        add("a wrong checksum", flipped(tar, 3));
        add("a negative size", raw(new TarBuilder().file("config.dump", ""), 124, 0xff));
        add("a size that overflows", rawNumber(new TarBuilder().file("config.dump", ""), Long.MAX_VALUE));
        add("a size of exabytes", rawNumber(new TarBuilder().file("ctr.log", ""), 1L << 61));
        add("a size that is no number", raw(new TarBuilder().file("config.dump", ""), 124, 'x'));
        add("a size of a pax header that is no number", extended("size", "1e9"));
        add("a size of a pax header that is huge", extended("size", "99999999999999999"));
        add("a time that is none", extended("mtime", "1".repeat(400)));
        add("an owner that is none", extended("uid", "99999999999"));
        add("a pax record with a wrong length", pax("999999 path=x\n"));
        add("a pax record with no length", pax("path=x\n"));
        add("a pax record of a length beyond all numbers", pax("99999999999999999999 path=x\n"));
        add("a pax header without an entry", pax("10 path=xx\n"));
        add("pax headers without end", paxWithoutEnd('x'));
        add("global pax headers without end", paxWithoutEnd('g'));
        add("a pax header of gigabytes", rawNumber(raw(new TarBuilder().file("x", ""), 156, 'x'), 1L << 33));
        add("only an end mark", new byte[2 * BLOCK]);
        add("half an end mark", Arrays.copyOf(tar, tar.length - BLOCK));
        add("an end mark in the middle", concat(concat(Arrays.copyOf(tar, 2 * BLOCK), new byte[BLOCK]), tar));
        add("a header alone", Arrays.copyOf(tar, BLOCK));
        add("content that ends early", Arrays.copyOf(tar, BLOCK + 1));
        add("noise", noise(20_000));
        add("nothing", new byte[0]);
        add("a zip", concat(new byte[] {'P', 'K', 3, 4}, noise(1000)));
        add("an age file of nothing", "age-encryption.org/v1\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void sizes() {
        add(
                "a file larger than the limit",
                new TarBuilder().add(TarEntry.plain("ctr.log", Kind.FILE, 0600, 1L << 40, Instant.EPOCH), new byte[0]));
        add(
                "a file of many zeros",
                compressed(new TarBuilder()
                        .add(TarEntry.plain("ctr.log", Kind.FILE, 0600, 40 << 20, Instant.EPOCH), new byte[40 << 20])));
        add(
                "a configuration of 20 MiB",
                compressed(new TarBuilder()
                        .add(
                                TarEntry.plain("config.dump", Kind.FILE, 0600, 20 << 20, Instant.EPOCH),
                                new byte[20 << 20])));
        add(
                "a manifest of 40 MiB",
                compressed(new TarBuilder()
                        .add(
                                TarEntry.plain("ctr.manifest.json", Kind.FILE, 0600, 40 << 20, Instant.EPOCH),
                                new byte[40 << 20])));
        TarBuilder many = new TarBuilder();
        for (int i = 0; i < 2100; i++) {
            many.file("unknown" + i, "");
        }
        add("more entries than the limit", compressed(many));
        add(
                "zeros without end behind the end",
                compress(
                        Arrays.copyOf(new TarBuilder().file("config.dump", "{}").bytes(), 70 << 20), Compression.ZSTD));
    }

    private void compressed() {
        byte[] tar = new TarBuilder().file("config.dump", "{}").bytes();
        for (Compression compression : List.of(Compression.ZSTD, Compression.GZIP)) {
            byte[] whole = compress(tar, compression);
            add(compression + " that is cut", Arrays.copyOf(whole, whole.length - 5));
            add(compression + " with noise in the middle", overwritten(whole, whole.length / 2));
            add(compression + " with noise behind it", concat(whole, noise(100)));
            add(compression + " in itself", compress(whole, compression));
        }
        add("a zstd header alone", new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
        add("a skippable frame without end", new byte[] {0x50, 0x2a, 0x4d, 0x18, -1, -1, -1, -1, 0});
        add("xz", concat(new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0}, noise(100)));
        add("bzip2 that is none", concat("BZh9".getBytes(StandardCharsets.US_ASCII), noise(100)));
    }

    private void manifests() {
        for (String manifest : List.of(
                "",
                "null",
                "[]",
                "{",
                "{}",
                "{\"format\": \"ctr.checkpoint\", \"version\": 99}",
                "{\"format\": \"ctr.checkpoint\", \"version\": 1}",
                "[".repeat(100_000),
                "{\"format\": \"ctr.checkpoint\", \"version\": 1, \"version\": 1}",
                "{\"format\": \"ctr.checkpoint\", \"version\": 1, \"surprise\": 1}")) {
            add(
                    "the manifest " + manifest.substring(0, Math.min(60, manifest.length())),
                    new TarBuilder().file("config.dump", "{}").file("ctr.manifest.json", manifest));
        }
        add(
                "a manifest of another archive",
                new TarBuilder().file("config.dump", "{}").file("ctr.manifest.json", manifest("spec.dump")));
        add("a manifest without a seal", new TarBuilder().file("ctr.manifest.json", manifest()));
        add(
                "a manifest that is not last",
                new TarBuilder().file("ctr.manifest.json", manifest()).file("config.dump", "{}"));
        add("a manifest by another name", new TarBuilder().file("./ctr.manifest.json", manifest()));
        add("a manifest in capitals", new TarBuilder().file("CTR.manifest.json", manifest()));
        add("a manifest that is a link", new TarBuilder().symbolicLink("ctr.manifest.json", "/etc/passwd"));
        add(
                "two manifests",
                new TarBuilder().file("ctr.manifest.json", manifest()).file("ctr.manifest.json", manifest()));
        byte[] tar = new TarBuilder().file("config.dump", "{}").bytes();
        add("a seal that is wrong", concat(tar, Seal.PLAIN.bytes(tar.length, 1)));
    }

    private static String manifest(String... names) {
        TarOutput.Listing listing = new TarOutput.Listing(
                Arrays.stream(names)
                        .map(name -> ManifestJson.entry(
                                TarEntry.plain(name, Kind.FILE, 0600, 0, Instant.EPOCH), "00".repeat(32)))
                        .toList(),
                0,
                "00".repeat(32));
        try {
            return new String(
                    ManifestJson.write("x", Instant.EPOCH, ArchiveRequirements.NONE, Optional.empty(), listing),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String name, TarBuilder tar) {
        add(name, tar.bytes());
    }

    private void add(String name, byte[] archive) {
        cases.add(new Case(name, archive));
    }

    private static byte[] extended(String key, String value) {
        String body = key + "=" + value + "\n";
        int length = body.length() + 2;
        while (Integer.toString(length).length() + 1 + body.length() != length) {
            length = Integer.toString(length).length() + 1 + body.length();
        }
        return pax(length + " " + body);
    }

    private static byte[] pax(String records) {
        byte[] header = raw(new TarBuilder().file("x", records), 156, 'x');
        byte[] entry = new TarBuilder().file("config.dump", "{}").bytes();
        return concat(Arrays.copyOf(header, header.length - 2 * BLOCK), entry);
    }

    private static byte[] globalHeader(String key, String value) {
        return raw(extended(key, value), 156, 'g');
    }

    private static byte[] gnuLongName(String name) {
        byte[] header = raw(new TarBuilder().file("././@LongLink", name), 156, 'L');
        byte[] entry = new TarBuilder().file("config.dump", "{}").bytes();
        return concat(Arrays.copyOf(header, header.length - 2 * BLOCK), entry);
    }

    private static byte[] paxWithoutEnd(char flag) {
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            records.append("13 k%06d=v\n".formatted(i));
        }
        byte[] one = raw(new TarBuilder().file("x", records.toString()), 156, flag);
        byte[] header = Arrays.copyOf(one, one.length - 2 * BLOCK);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
            many.writeBytes(header);
        }
        return compress(many.toByteArray(), Compression.ZSTD);
    }

    private static byte[] compressed(TarBuilder tar) {
        return compress(tar.bytes(), Compression.ZSTD);
    }

    private static byte[] compress(byte[] content, Compression compression) {
        try {
            return TarBuilder.compress(content, compression);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] raw(TarBuilder tar, int at, int value) {
        return raw(tar.bytes(), at, value);
    }

    /** Sets a byte of the first header, whose checksum is then right. */
    private static byte[] raw(byte[] tar, int at, int value) {
        byte[] changed = tar.clone();
        changed[at] = (byte) value;
        return withChecksum(changed);
    }

    private static byte[] rawNumber(TarBuilder tar, long size) {
        return rawNumber(tar.bytes(), size);
    }

    /** Sets the size of the first header in base 256. */
    private static byte[] rawNumber(byte[] tar, long size) {
        byte[] changed = tar.clone();
        changed[124] = (byte) 0x80;
        for (int i = 0; i < 11; i++) {
            changed[135 - i] = (byte) (i < 8 ? size >>> (8 * i) : 0);
        }
        return withChecksum(changed);
    }

    private static byte[] withChecksum(byte[] tar) {
        Arrays.fill(tar, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += tar[i] & 0xff;
        }
        byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, 148, digits.length);
        return tar;
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    private static byte[] overwritten(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        Arrays.fill(changed, at, Math.min(at + 10, changed.length), (byte) 0x5a);
        return changed;
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        noise[0] = 1;
        return noise;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
