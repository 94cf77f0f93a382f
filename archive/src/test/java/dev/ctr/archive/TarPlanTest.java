package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.Xattrs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarPlanTest {
    private static final byte[] CAPABILITY = {
        1, 0, 0, 2, 0, (byte) 0xa4, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    /** GNU tar writes each name of a device node as a node of its own. */
    private static final String FORGET_HARD_LINK_OF_DEVICE = "rm null-second-name; touch -d @1 .";

    @TempDir
    Path temp;

    private Path source;
    private Path target;

    @BeforeEach
    void makeDirectories() throws IOException {
        source = Files.createDirectory(temp.resolve("source"));
        target = Files.createDirectory(temp.resolve("target"));
    }

    @Test
    void aTreeComesBackAsItWas() throws IOException {
        assumeTrue(Machine.canMakeNodesAndOwners(temp), "needs mknod and chown (root)");
        makeEveryKindOfFile(source);

        byte[] tar = write(TarPlan.ofDirectory(source));
        TarExtractor.Result result = extract(tar);

        TreeSnapshot.assertSame(target, source);
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void gnuTarReadsWhatIsWritten() throws IOException {
        assumeTrue(Machine.canMakeNodesAndOwners(temp), "needs mknod and chown (root)");
        makeEveryKindOfFile(source);
        Path tar = temp.resolve("x.tar");
        Files.write(tar, write(TarPlan.ofDirectory(source)));

        Shell.run(target, "tar -xpf ../x.tar --numeric-owner --xattrs --xattrs-include='*'");

        TreeSnapshot.assertSame(target, source);
    }

    @Test
    void whatGnuTarWritesIsRead() throws IOException {
        assumeTrue(Machine.canMakeNodesAndOwners(temp), "needs mknod and chown (root)");
        makeEveryKindOfFile(source);
        Shell.run(source, FORGET_HARD_LINK_OF_DEVICE);

        Shell.run(
                source,
                "tar -cf ../x.tar --format=posix --pax-option=delete=atime,delete=ctime"
                        + " --xattrs --xattrs-include='*' .");
        extract(Files.readAllBytes(temp.resolve("x.tar")));

        TreeSnapshot.assertSame(target, source);
    }

    @Test
    void whatGnuTarWritesInItsOwnFormatIsReadToTheSecond() throws IOException {
        assumeTrue(Machine.canMakeNodesAndOwners(temp), "needs mknod and chown (root)");
        makeEveryKindOfFile(source);
        Shell.run(source, FORGET_HARD_LINK_OF_DEVICE);
        for (String name : Shell.run(source, "find . -print0").split("\0", -1)) {
            Path file = source.resolve(FileNames.path(FileNames.decode(name.getBytes(StandardCharsets.ISO_8859_1))));
            for (String attribute : ExtendedAttributes.read(file).keySet()) {
                Xattrs.remove(file, attribute);
            }
        }
        Shell.run(source, "find . -depth -exec touch -h -d '2024-05-06 07:08:09' {} +");

        Shell.run(source, "tar -cf ../x.tar --format=gnu .");
        extract(Files.readAllBytes(temp.resolve("x.tar")));

        TreeSnapshot.assertSame(target, source);
    }

    @Test
    void binaryAttributesSurvive() throws IOException {
        assumeTrue(Machine.canSetXattr(temp, "security.capability", CAPABILITY), "needs CAP_SETFCAP");
        Path file = Files.writeString(source.resolve("ping"), "x");
        Xattrs.set(file, "security.capability", CAPABILITY);

        extract(write(TarPlan.ofDirectory(source)));

        assertThat(Xattrs.get(target.resolve("ping"), "security.capability")).hasValue(CAPABILITY);
    }

    @Test
    void namesThatAreNoUtf8Survive() throws IOException {
        Shell.run(
                source,
                "echo 1 > $'a\\xff\\xfeb'; ln -s $'\\xc3\\x28/' $'\\xe4link'; ln -s $'\\xe4//x' l2; mkdir $'d\\x80'; echo 2 > $'d\\x80/ü'");

        extract(write(TarPlan.ofDirectory(source)));

        TreeSnapshot.assertSame(target, source);
        String find = "find . -printf '%p %l\\0' | sort -z";
        assertThat(Shell.run(target, find)).isEqualTo(Shell.run(source, find));
    }

    @Test
    void theFirstEntryIsTheDirectoryItselfAsPodmanHasIt() throws IOException {
        Shell.run(source, "chmod 1777 .; mkdir d; echo x > d/f");

        assertThat(names(write(TarPlan.ofDirectory(source)))).containsExactly("./", "./d/", "./d/f");
    }

    @Test
    void socketsAreLeftOutWithAWarning() throws IOException {
        TarPlan plan;
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(source.resolve("s")));
            plan = TarPlan.ofDirectory(source);
        }

        assertThat(names(write(plan))).containsExactly("./");
        assertThat(plan.warnings()).singleElement().asString().contains("source/s");
    }

    @Test
    void aFileThatShrinksIsFilledUpAndOneThatGrowsIsCut() throws IOException {
        Files.write(source.resolve("grows"), new byte[] {1, 2, 3});
        Files.write(source.resolve("shrinks"), new byte[] {1, 2, 3, 4, 5});
        Files.write(source.resolve("vanishes"), new byte[] {1});
        TarPlan plan = TarPlan.ofDirectory(source);

        Files.write(source.resolve("grows"), new byte[5000]);
        Files.write(source.resolve("shrinks"), new byte[] {9, 9});
        Files.delete(source.resolve("vanishes"));
        byte[] tar = write(plan);
        extract(tar);

        assertThat(target.resolve("grows")).hasSize(3);
        assertThat(target.resolve("shrinks")).hasBinaryContent(new byte[] {9, 9, 0, 0, 0});
        assertThat(target.resolve("vanishes")).hasBinaryContent(new byte[] {0});
        assertThat(plan.warnings()).hasSize(2);
    }

    @Test
    void aFileReplacedByALinkIsNotFollowed() throws IOException {
        Files.writeString(temp.resolve("secret"), "secret");
        Files.createDirectory(source.resolve("d"));
        Files.writeString(source.resolve("d/f"), "public");
        TarPlan plan = TarPlan.ofDirectory(source);

        Shell.run(source, "rm d/f; ln -s ../../secret d/f");

        assertThat(new String(write(plan), StandardCharsets.ISO_8859_1)).doesNotContain("secret");

        Shell.run(source, "rm -r d; mkdir ../other; cp ../secret ../other/f; ln -s ../other d");
        assertThat(new String(write(plan), StandardCharsets.ISO_8859_1)).doesNotContain("secret");
    }

    @Test
    void filesBeyondEightGibibytesHaveTheirSize() throws IOException {
        long size = (8L << 30) + 5;
        try (RandomAccessFile file = new RandomAccessFile(source.resolve("huge").toFile(), "rw")) {
            file.setLength(size);
        }

        TarPlan plan = TarPlan.ofDirectory(source);

        assertThat(plan.size()).isGreaterThan(size).isLessThan(size + 8192);
        byte[] header = TarHeaders.encode(plan.entries().get(1).entry());
        Optional<TarEntry> read = new TarReader(new ByteArrayInputStream(header), "x").next();
        assertThat(read.orElseThrow().size()).isEqualTo(size);
    }

    @Test
    void unpackingKeepsHoles() throws IOException {
        Shell.run(source, "truncate -s 64M holes; printf x | dd of=holes bs=1 seek=33M conv=notrunc status=none");

        extract(write(TarPlan.ofDirectory(source)));

        TreeSnapshot.assertSame(target, source);
        assertThat(Shell.run(target, "du -k holes | cut -f1").strip())
                .satisfies(kib -> assertThat(Integer.parseInt(kib)).isLessThan(1024));
    }

    private static void makeEveryKindOfFile(Path directory) throws IOException {
        Shell.run(directory, """
                chmod 1777 .
                echo content > file
                chown 1000:2000 file; chmod 4755 file
                echo g > setgid; chmod 2640 setgid; chown 4294967294:3000000 setgid; chmod 2640 setgid
                cp file capable
                ln file second-name; mkdir dir; ln file dir/third-name
                ln -s target link; ln -s dir/ link-with-slash; ln -s /absolute//double dangling; chown -h 7:8 link
                ln link link-second-name
                mkfifo fifo; chmod 620 fifo
                mknod null c 1 3; mknod disk b 259 1048575; ln null null-second-name
                mkdir dir/empty; chmod 0 dir/empty; mkdir -p dir/a/b/c; chmod 3755 dir/a
                long=$(printf 'n%.0s' $(seq 200)); mkdir $long; echo l > $long/$long; ln -s $long/$long $long-link
                ln $long/$long hard-$long
                x=$(printf 'h%.0s' $(seq 100)); echo h > $x; mkdir ${x:0:99}-
                echo ä > 'ümläut name
                with line'; touch empty; head -c 1000000 /dev/urandom > random; truncate -s 512 block; truncate -s 513 block1
                touch -d '1969-12-31 23:59:58.5 UTC' before-epoch; touch -d '2500-01-01' future
                touch -h -d '2020-02-03 04:05:06.123456789' link file fifo null dir/empty dir
                """);
        Xattrs.set(directory.resolve("file"), "user.colour", "blue".getBytes(StandardCharsets.UTF_8));
        Xattrs.set(directory.resolve("file"), "user.empty", new byte[0]);
        Xattrs.set(directory.resolve("dir"), "user.a=b", new byte[] {'=', '\n', 0, -1});
        Xattrs.set(directory.resolve("capable"), "security.capability", CAPABILITY);
        Xattrs.set(directory.resolve("link"), "trusted.of-a-link", new byte[] {1});
        Xattrs.set(directory.resolve("dir/a"), ExtendedAttributes.ACCESS_ACL, Acl.withUser(5));
        Xattrs.set(directory.resolve("dir/a"), ExtendedAttributes.DEFAULT_ACL, Acl.withUser(6));
    }

    private TarExtractor.Result extract(byte[] tar) throws IOException {
        return TarExtractor.extract(new ByteArrayInputStream(tar), "the test's tar", target, ExtractionOptions.EXACT);
    }

    private static byte[] write(TarPlan plan) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        plan.writeTo(out);
        assertThat((long) out.size()).isEqualTo(plan.size());
        return out.toByteArray();
    }

    private static List<String> names(byte[] tar) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(tar), "the test's tar");
        List<String> names = new ArrayList<>();
        for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
            names.add(next.get().name());
            reader.content().transferTo(OutputStream.nullOutputStream());
        }
        return names;
    }
}
