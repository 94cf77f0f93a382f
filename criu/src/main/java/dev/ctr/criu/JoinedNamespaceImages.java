package dev.ctr.criu;

import dev.ctr.criu.linux.SharedNamespace.HostNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The CRIU images of namespaces that restored tasks join. CRIU restores the content of a namespace also where the tasks only join
 * one ({@code restore_task_with_children} in criu/cr-restore.c calls {@code join_namespaces} and then {@code prepare_namespace}):
 * the processes that were in it before would find their host renamed. So the images are made to say what is there already.
 */
public final class JoinedNamespaceImages {
    private static final String SET_ASIDE = ".shared";

    /** Two magic numbers begin an image (criu/include/magic.h). */
    private static final int HEADER_BYTES = 8;

    /** Fields 1 and 2 of {@code utsns_entry}, both texts (images/utsns.proto). */
    private static final int NODE_NAME = 0x0a;

    private static final int DOMAIN_NAME = 0x12;
    private static final int LONGEST_NAME = 64;

    private final Path images;

    /** @param images the directory of the images */
    public JoinedNamespaceImages(Path images) {
        this.images = images;
    }

    /** Lets the names of the UTS namespace stay what they are. */
    public void keepHostNames(HostNames names) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(images, "utsns-*.img")) {
            for (Path image : found) {
                byte[] header = header(image);
                byte[] entry = entry(names);
                ByteBuffer content = ByteBuffer.allocate(HEADER_BYTES + Integer.BYTES + entry.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
                content.put(header).putInt(entry.length).put(entry);
                Path changed = image.resolveSibling(image.getFileName() + ".new");
                Files.write(changed, content.array());
                Files.move(changed, image, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static byte[] header(Path image) throws IOException {
        if (!Files.isRegularFile(image, LinkOption.NOFOLLOW_LINKS) || Files.size(image) < HEADER_BYTES) {
            throw new IOException(image.getFileName() + " is no CRIU image: copy the checkpoint again");
        }
        try (var in = Files.newInputStream(image)) {
            return in.readNBytes(HEADER_BYTES);
        }
    }

    private static byte[] entry(HostNames names) throws IOException {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        put(entry, NODE_NAME, names.host());
        put(entry, DOMAIN_NAME, names.domain());
        return entry.toByteArray();
    }

    private static void put(ByteArrayOutputStream entry, int field, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_NAME) {
            throw new IOException("the host name " + text + " is longer than Linux allows");
        }
        entry.write(field);
        entry.write(bytes.length);
        entry.write(bytes);
    }

    /**
     * Lets System V's shared memory, message queues and semaphores be as they are, or has those of the images made.
     *
     * @param keep whether the IPC namespace has any already; CRIU fails where it finds those that it is to make
     */
    public void keepIpcObjects(boolean keep) throws IOException {
        String pattern = keep ? "ipcns-{shm,msg,sem}-*.img" : "ipcns-{shm,msg,sem}-*.img" + SET_ASIDE;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(images, pattern)) {
            for (Path image : found) {
                String name = image.getFileName().toString();
                String other = keep ? name + SET_ASIDE : name.substring(0, name.length() - SET_ASIDE.length());
                Files.move(image, image.resolveSibling(other), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }
}
