package dev.ctr.criu.image;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.ctr.criu.image.PageRun.Kind;
import dev.ctr.proto.criu.CoreEntry;
import dev.ctr.proto.criu.FileEntry;
import dev.ctr.proto.criu.FileType;
import dev.ctr.proto.criu.InventoryEntry;
import dev.ctr.proto.criu.PstreeEntry;
import dev.ctr.proto.criu.RegularFileEntry;
import dev.ctr.proto.criu.TaskCore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes dumps image by image, also such as no CRIU would. */
final class DumpBuilder {
    private static final int X86_64 = 1;
    private static final int ALIVE = 1;

    private final Path directory;

    DumpBuilder(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        image("inventory.img", ImageType.INVENTORY, InventoryEntry.newBuilder().setImgVersion(2));
    }

    Path directory() {
        return directory;
    }

    /** Writes an image anew. */
    DumpBuilder image(String name, ImageType type, Message.Builder... records) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
        try (CriuImageWriter writer = CriuImageWriter.create(directory.resolve(name), type)) {
            for (Message.Builder record : records) {
                writer.record(record.build());
            }
        }
        return this;
    }

    DumpBuilder pagemap(String name, int pagesId, PageRun... runs) throws IOException {
        try (PagemapWriter writer = PagemapWriter.create(directory.resolve(name), pagesId)) {
            for (PageRun run : runs) {
                writer.add(run);
            }
        }
        return this;
    }

    DumpBuilder parent(String target) throws IOException {
        Files.createSymbolicLink(directory.resolve("parent"), Path.of(target));
        return this;
    }

    CriuDump open() throws IOException {
        return CriuDump.open(directory);
    }

    static PstreeEntry.Builder process(int pid, int parent) {
        return PstreeEntry.newBuilder()
                .setPid(pid)
                .setPpid(parent)
                .setPgid(1)
                .setSid(1)
                .addThreads(pid);
    }

    static CoreEntry.Builder core(String name) {
        return CoreEntry.newBuilder()
                .setMtype(X86_64)
                .setTc(TaskCore.newBuilder().setTaskState(ALIVE).setComm(name));
    }

    static FileEntry.Builder regular(int id, String path) {
        return FileEntry.newBuilder()
                .setType(FileType.REG)
                .setId(id)
                .setReg(RegularFileEntry.newBuilder()
                        .setId(id)
                        .setFlags(1)
                        .setPos(7)
                        .setName(ByteString.copyFromUtf8(path)));
    }

    static PageRun run(int page, long pages, Kind kind) {
        return new PageRun((long) page * PageRun.PAGE_SIZE, pages, kind);
    }

    static DumpedProcess dumped(int pid) {
        return new DumpedProcess(pid, 0, 1, 1, List.of(pid), "", DumpedProcess.State.ALIVE, 0, 0, 0, 1);
    }
}
