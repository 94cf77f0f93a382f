package dev.ctr.criu.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.ctr.criu.image.PageRun.Kind;
import dev.ctr.criu.image.StoredRun.Place;
import dev.ctr.proto.criu.FdinfoEntry;
import dev.ctr.proto.criu.FileEntry;
import dev.ctr.proto.criu.FileType;
import dev.ctr.proto.criu.InetSocketEntry;
import dev.ctr.proto.criu.InventoryEntry;
import dev.ctr.proto.criu.PipeDataEntry;
import dev.ctr.proto.criu.PipeEntry;
import dev.ctr.proto.criu.RemapFilePathEntry;
import dev.ctr.proto.criu.SocketPacketEntry;
import dev.ctr.proto.criu.TaskKernelObjects;
import dev.ctr.proto.criu.TcpStreamEntry;
import dev.ctr.proto.criu.UnixSocketEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads dumps that were written for the purpose; those that CRIU writes are read in the acceptance tests. */
@Timeout(60)
final class CriuDumpTest {
    @TempDir
    Path temp;

    private DumpBuilder dump;

    @BeforeEach
    void makeDump() throws IOException {
        dump = new DumpBuilder(temp.resolve("checkpoint"));
    }

    @Test
    void refusesWhatIsNoDumpOrOfAnotherForm() throws IOException {
        assertThatThrownBy(() -> CriuDump.open(temp)).hasMessageContaining("not complete");
        dump.image(
                "inventory.img",
                ImageType.INVENTORY,
                InventoryEntry.newBuilder().setImgVersion(3));
        assertThatThrownBy(dump::open).hasMessageContaining("version 3");
        UnknownFieldSet compression = UnknownFieldSet.newBuilder()
                .addField(15, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        dump.image(
                "inventory.img",
                ImageType.INVENTORY,
                InventoryEntry.newBuilder().setImgVersion(2).setUnknownFields(compression));
        assertThatThrownBy(dump::open).hasMessageContaining("unknown fields [15]");
        dump.image("inventory.img", ImageType.INVENTORY);
        assertThatThrownBy(dump::open).hasMessageContaining("it has no record");
    }

    @Test
    void knowsProcessesAndWhoseChildrenTheyAre() throws IOException {
        dump.image(
                        "pstree.img",
                        ImageType.PSTREE,
                        DumpBuilder.process(1, 0),
                        DumpBuilder.process(7, 1),
                        DumpBuilder.process(9, 7),
                        DumpBuilder.process(20, 0))
                .image("core-7.img", ImageType.CORE, DumpBuilder.core("in\u001b[2Jit"))
                .image(
                        "ids-7.img",
                        ImageType.IDS,
                        TaskKernelObjects.newBuilder().setFilesId(5));
        ProcessTree tree = dump.open().processes();
        assertThat(tree.roots()).extracting(DumpedProcess::pid).containsExactly(1, 20);
        DumpedProcess seven = tree.children(tree.roots().get(0)).get(0);
        assertThat(seven.name()).isEqualTo("in\u001b[2Jit");
        assertThat(seven.filesId()).isEqualTo(5);
        assertThat(tree.children(seven)).extracting(DumpedProcess::pid).containsExactly(9);
        assertThat(tree.all()).hasSize(4);
    }

    @Test
    void refusesTreesThatAreNone() throws IOException {
        dump.image("pstree.img", ImageType.PSTREE, DumpBuilder.process(1, 2), DumpBuilder.process(2, 1));
        assertThatThrownBy(dump.open()::processes).hasMessageContaining("2 are their own ancestors");
        dump.image("pstree.img", ImageType.PSTREE, DumpBuilder.process(3, 0), DumpBuilder.process(3, 0));
        assertThatThrownBy(dump.open()::processes).hasMessageContaining("process 3 twice");
        dump.image("pstree.img", ImageType.PSTREE, DumpBuilder.process(-5, 0));
        assertThatThrownBy(dump.open()::processes).hasMessageContaining("no process number");
        List<Message.Builder> deep = new ArrayList<>();
        for (int pid = 1; pid <= 1000; pid++) {
            deep.add(DumpBuilder.process(pid, pid - 1));
        }
        dump.image("pstree.img", ImageType.PSTREE, deep.toArray(Message.Builder[]::new));
        assertThatThrownBy(dump.open()::processes).hasMessageContaining("too many ancestors");
    }

    @Test
    void tellsWhatDescriptorsReferToAndWhatThatHolds() throws IOException {
        dump.image(
                        "fdinfo-1.img",
                        ImageType.FDINFO,
                        descriptor(9, 1, FileType.REG),
                        descriptor(0, 2, FileType.PIPE),
                        descriptor(3, 3, FileType.UNIXSK),
                        descriptor(4, 4, FileType.INETSK),
                        descriptor(5, 99, FileType.REG))
                .image(
                        "files.img",
                        ImageType.FILES,
                        DumpBuilder.regular(1, "/gone"),
                        FileEntry.newBuilder()
                                .setType(FileType.PIPE)
                                .setId(2)
                                .setPipe(PipeEntry.newBuilder().setId(2).setPipeId(-2)),
                        FileEntry.newBuilder().setType(FileType.UNIXSK).setId(3).setUsk(unix("\0abstract")),
                        FileEntry.newBuilder().setType(FileType.INETSK).setId(4).setIsk(inet()))
                .image("remap-fpath.img", ImageType.REMAP_FPATH, remap(1))
                .image(
                        "tcp-stream-ff.img",
                        ImageType.TCP_STREAM,
                        TcpStreamEntry.newBuilder().setInqLen(6).setOutqLen(8));
        withRaw(
                "pipes-data.img",
                ImageType.PIPES_DATA,
                PipeDataEntry.newBuilder().setPipeId(-2).setBytes(3),
                3);
        withRaw(
                "sk-queues.img",
                ImageType.SK_QUEUES,
                SocketPacketEntry.newBuilder().setIdFor(3).setLength(4),
                4);
        assertThat(dump.open().descriptors(DumpBuilder.dumped(1)))
                .containsExactly(
                        new OpenDescriptor(0, "PIPE", new OpenFile.Pipe(4294967294L, "", false, 3)),
                        new OpenDescriptor(3, "UNIXSK", new OpenFile.Unix("DGRAM", "CLOSE", "@abstract", 255, 0, 8)),
                        new OpenDescriptor(
                                4,
                                "INETSK",
                                new OpenFile.Inet(
                                        "TCP",
                                        "ESTABLISHED",
                                        new Endpoint("127.0.0.1", 7001),
                                        new Endpoint("::1", 80),
                                        6,
                                        8)),
                        new OpenDescriptor(5, "REG", new OpenFile.Other("not in the dump")),
                        new OpenDescriptor(9, "REG", new OpenFile.Regular("/gone", 7, 0, 1, true)));
    }

    @Test
    void refusesRawDataThatIsCutOff() throws IOException {
        withRaw(
                "sk-queues.img",
                ImageType.SK_QUEUES,
                SocketPacketEntry.newBuilder().setIdFor(3).setLength(-1),
                4);
        assertThatThrownBy(dump::open).hasMessageContaining("4294967295 bytes should follow");
    }

    @Test
    void findsPagesInThePreviousDumps() throws IOException {
        new DumpBuilder(temp.resolve("pre-checkpoint"))
                .pagemap(
                        "pagemap-1.img", 3, DumpBuilder.run(1, 2, Kind.PRESENT), DumpBuilder.run(10, 10, Kind.PRESENT));
        new DumpBuilder(temp.resolve("pre-checkpoint-2"))
                .parent("../pre-checkpoint")
                .pagemap("pagemap-1.img", 2, DumpBuilder.run(11, 1, Kind.PRESENT), DumpBuilder.run(12, 4, Kind.PARENT));
        dump.parent("../pre-checkpoint-2")
                .pagemap(
                        "pagemap-1.img",
                        1,
                        DumpBuilder.run(9, 1, Kind.PRESENT_LAZY),
                        DumpBuilder.run(10, 4, Kind.PARENT),
                        DumpBuilder.run(30, 2, Kind.PRESENT),
                        DumpBuilder.run(40, 1, Kind.LAZY));
        CriuDump opened = dump.open();
        assertThat(opened.levels()).hasSize(3);
        assertThat(opened.isParentMissing()).isFalse();
        assertThat(walk(opened))
                .containsExactly(
                        stored(9, 1, 0, 1, 0),
                        new StoredRun(10 * 4096, 1, Place.MISSING, 1, "", 0),
                        stored(11, 1, 1, 2, 0),
                        stored(12, 2, 2, 3, 4),
                        stored(30, 2, 0, 1, 1),
                        new StoredRun(40 * 4096, 1, Place.LAZY, 0, "", 0));
    }

    @Test
    void saysThatAPreviousDumpIsNotThere() throws IOException {
        dump.parent("../pre-checkpoint").pagemap("pagemap-1.img", 1, DumpBuilder.run(1, 3, Kind.PARENT));
        assertThat(dump.open().isParentMissing()).isTrue();
        assertThat(walk(dump.open())).containsExactly(new StoredRun(4096, 3, Place.MISSING, 1, "", 0));
    }

    @Test
    void followsLinksToDirectoriesBesideItOnly() throws IOException {
        for (String target : List.of("/etc", "../../etc", "..", "../.", "../..", "x", "../a/b")) {
            Files.deleteIfExists(dump.directory().resolve("parent"));
            dump.parent(target);
            assertThatThrownBy(dump::open).as(target).hasMessageContaining("no directory beside it");
        }
        Files.delete(dump.directory().resolve("parent"));
        dump.parent("../checkpoint");
        assertThatThrownBy(dump::open).hasMessageContaining("does not end");
    }

    @Test
    void writesAddressesAsPeopleDo() {
        assertThat(Endpoint.of(List.of(0, 0, 0, 0), 80)).hasToString("[::]:80");
        assertThat(Endpoint.of(List.of(0, 0, 0xffff0000, 0x0100007f), 1)).hasToString("127.0.0.1:1");
        assertThat(Endpoint.of(List.of(0x0100000a), 0)).hasToString("10.0.0.1:*");
        assertThat(Endpoint.of(List.of(0x80fe, 0, 0, 0x01000000), 1)).hasToString("[fe80::1]:1");
        assertThat(Endpoint.of(List.of(0xb80d0120, 0x01000100, 0x01000100, 0), 1))
                .hasToString("[2001:db8:1:1:1:1::]:1");
        assertThat(Endpoint.of(List.of(), 0)).hasToString("0.0.0.0:*");
    }

    private static FdinfoEntry.Builder descriptor(int number, int file, FileType type) {
        return FdinfoEntry.newBuilder().setFd(number).setId(file).setType(type);
    }

    private static UnixSocketEntry.Builder unix(String name) {
        return UnixSocketEntry.newBuilder()
                .setId(3)
                .setIno(255)
                .setType(2)
                .setState(7)
                .setPeer(0)
                .setName(ByteString.copyFromUtf8(name));
    }

    private static InetSocketEntry.Builder inet() {
        return InetSocketEntry.newBuilder()
                .setId(4)
                .setIno(255)
                .setFamily(10)
                .setType(1)
                .setProto(6)
                .setState(1)
                .setSrcPort(7001)
                .setDstPort(80)
                .addAllSrcAddr(List.of(0, 0, 0xffff0000, 0x0100007f))
                .addAllDstAddr(List.of(0, 0, 0, 0x01000000));
    }

    private static RemapFilePathEntry.Builder remap(int id) {
        return RemapFilePathEntry.newBuilder().setOrigId(id).setRemapId(1).setRemapType(1);
    }

    /** An image of two equal records with raw data behind each. */
    private void withRaw(String name, ImageType type, Message.Builder record, int bytes) throws IOException {
        try (CriuImageWriter writer = CriuImageWriter.create(dump.directory().resolve(name), type)) {
            for (int times = 0; times < 2; times++) {
                writer.record(record.build());
                writer.raw(new byte[bytes]);
            }
        }
    }

    private static StoredRun stored(int page, long pages, int level, int pagesId, long firstPage) {
        return new StoredRun(page * 4096L, pages, Place.STORED, level, "pages-" + pagesId + ".img", firstPage);
    }

    private static List<StoredRun> walk(CriuDump dump) throws IOException {
        List<StoredRun> runs = new ArrayList<>();
        try (PageWalk walk = dump.pages(DumpBuilder.dumped(1))) {
            for (Optional<StoredRun> next = walk.next(); next.isPresent(); next = walk.next()) {
                runs.add(next.get());
            }
        }
        return runs;
    }
}
