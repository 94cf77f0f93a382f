package dev.ctr.archive.inspect;

import com.google.protobuf.Message;
import dev.ctr.archive.Identities;
import dev.ctr.criu.image.CriuImageWriter;
import dev.ctr.criu.image.ImageType;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageRun.Kind;
import dev.ctr.criu.image.PagemapWriter;
import dev.ctr.proto.criu.CoreEntry;
import dev.ctr.proto.criu.InventoryEntry;
import dev.ctr.proto.criu.MmEntry;
import dev.ctr.proto.criu.PstreeEntry;
import dev.ctr.proto.criu.TaskCore;
import dev.ctr.proto.criu.VmaEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A checkpoint of one process with one mapping of eight pages, which builds on a pre-checkpoint. Its command line is in page 0
 * and its environment in page 1, which the pre-checkpoint has.
 */
final class SmallCheckpoint {
    static final long BASE = 0x10000000L;

    private static final int ANONYMOUS_PRIVATE = 1 << 9;

    private final Path bundle;

    SmallCheckpoint(Path bundle) throws IOException {
        this.bundle = bundle;
        Path checkpoint = Files.createDirectories(bundle.resolve("checkpoint"));
        Files.createDirectories(bundle.resolve("pre-checkpoint"));
        Files.writeString(bundle.resolve("config.dump"), """
                {"id": "0123", "name": "one", "rootfsImageName": "bb", "runtime": "runc",
                 "createdTime": "2026-11-22T14:10:15.5+02:00"}""");
        Files.writeString(bundle.resolve("spec.dump"), """
                {"annotations": {"io.container.manager": "libpod"}}""");
        Files.writeString(bundle.resolve("network.status"), """
                {"podman": {"interfaces": {"eth0": {"subnets": [{"ipnet": "10.88.0.7/16"}], "mac_address": "46:65"}}}}""");
        image("inventory.img", ImageType.INVENTORY, InventoryEntry.newBuilder().setImgVersion(2));
        image(
                "pstree.img",
                ImageType.PSTREE,
                PstreeEntry.newBuilder().setPid(1).setPpid(0).setPgid(1).setSid(1));
        image("core-1.img", ImageType.CORE, core("sh"));
        image("mm-1.img", ImageType.MM, addressSpace());
        Files.createSymbolicLink(checkpoint.resolve("parent"), Path.of("../pre-checkpoint"));
        pagemap(
                "checkpoint",
                new PageRun(BASE, 1, Kind.PRESENT),
                new PageRun(page(1), 4, Kind.PARENT),
                new PageRun(page(6), 1, Kind.LAZY));
        pagemap("pre-checkpoint", new PageRun(page(1), 3, Kind.PRESENT_LAZY));
        pages("checkpoint", text("sleep\0\u001b[31mred\0"));
        pages("pre-checkpoint", text("A=b\0C=\0"), new byte[PageRun.PAGE_SIZE], text("data"));
    }

    static long page(int number) {
        return BASE + (long) number * PageRun.PAGE_SIZE;
    }

    Path bundle() {
        return bundle;
    }

    /** A page that begins with a text. */
    static byte[] text(String text) {
        return Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), PageRun.PAGE_SIZE);
    }

    static CoreEntry.Builder core(String name) {
        return CoreEntry.newBuilder()
                .setMtype(1)
                .setTc(TaskCore.newBuilder().setTaskState(1).setComm(name));
    }

    private static MmEntry.Builder addressSpace() {
        return MmEntry.newBuilder()
                .setStartCode(0)
                .setEndCode(0)
                .setStartData(0)
                .setEndData(0)
                .setStartStack(page(2))
                .setStartBrk(0)
                .setBrk(0)
                .setArgStart(BASE)
                .setArgEnd(BASE + "sleep\0\u001b[31mred\0".length())
                .setEnvStart(page(1))
                .setEnvEnd(page(1) + "A=b\0C=\0".length())
                .setExeFileId(1)
                .addVmas(VmaEntry.newBuilder()
                        .setStart(BASE)
                        .setEnd(page(8))
                        .setPgoff(0)
                        .setShmid(0)
                        .setProt(3)
                        .setFlags(2)
                        .setStatus(ANONYMOUS_PRIVATE)
                        .setFd(-1));
    }

    /** Writes an image of the checkpoint anew. */
    void image(String name, ImageType type, Message.Builder... records) throws IOException {
        Path image = bundle.resolve("checkpoint").resolve(name);
        Files.deleteIfExists(image);
        try (CriuImageWriter writer = CriuImageWriter.create(image, type)) {
            for (Message.Builder record : records) {
                writer.record(record.build());
            }
        }
    }

    void pagemap(String level, PageRun... runs) throws IOException {
        Path pagemap = bundle.resolve(level).resolve("pagemap-1.img");
        Files.deleteIfExists(pagemap);
        try (PagemapWriter writer = PagemapWriter.create(pagemap, 1)) {
            for (PageRun run : runs) {
                writer.add(run);
            }
        }
    }

    void pages(String level, byte[]... pages) throws IOException {
        Path file = bundle.resolve(level).resolve("pages-1.img");
        Files.deleteIfExists(file);
        Files.createFile(file);
        for (byte[] page : pages) {
            Files.write(file, page, StandardOpenOption.APPEND);
        }
    }

    /** The bundle as an archive, made by tar. */
    ArchiveSource archive() throws IOException {
        Path archive = bundle.resolveSibling(bundle.getFileName() + ".tar");
        try {
            Process tar = new ProcessBuilder("tar", "-C", bundle.toString(), "-cf", archive.toString(), ".")
                    .inheritIO()
                    .start();
            if (tar.waitFor() != 0) {
                throw new IOException("tar failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return new ArchiveSource(archive, Identities.NONE);
    }
}
