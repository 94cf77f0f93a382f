package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.Xattrs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The whiteouts of OCI image layers (image specification, layer.md): {@code .wh.NAME} deletes NAME of the layers below,
 * {@code .wh..wh..opq} everything in its directory. Neither deletes what the same layer brings.
 */
final class LayerWhiteouts {
    private static final String PREFIX = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    /** aufs kept its own files under such names; they mean nothing elsewhere. */
    private static final String AUFS_PREFIX = ".wh..wh.";

    private LayerWhiteouts() {}

    static boolean isWhiteout(EntryPath path) {
        return path.name().startsWith(PREFIX);
    }

    static void apply(EntryPath path, TarEntry entry, ConfinedTree tree, String source) throws IOException {
        String name = path.name();
        if (name.equals(OPAQUE)) {
            makeOpaque(tree.place(path.sibling(".")));
            return;
        }
        if (name.startsWith(AUFS_PREFIX)) {
            return;
        }
        String deleted = name.substring(PREFIX.length());
        if (deleted.isEmpty() || deleted.equals(".") || deleted.equals("..")) {
            throw new ArchiveException(
                    Code.UNSAFE_ENTRY,
                    "entry \"%s\" of %s deletes nothing that can be: do not trust this layer"
                            .formatted(entry.name(), source));
        }
        Path place = tree.place(path.sibling(deleted));
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            makeOpaque(place);
        } else if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            FileNodes.mknod(place, FileNodes.S_IFCHR, 0);
        }
    }

    /** The whiteouts that delete these absolute paths from the layers below. */
    static List<TarEntry> entries(List<String> deletedPaths) {
        List<TarEntry> entries = new ArrayList<>();
        for (String deleted : deletedPaths) {
            String path = deleted.substring(1);
            int name = path.lastIndexOf('/') + 1;
            String whiteout = path.substring(0, name) + PREFIX + path.substring(name);
            entries.add(TarEntry.plain(whiteout, TarEntry.Kind.FILE, 0, 0, Instant.EPOCH));
        }
        return entries;
    }

    /** Whether a whiteout was made here. */
    static boolean isInPlace(Path place) throws IOException {
        return Files.exists(place, LinkOption.NOFOLLOW_LINKS)
                && FileStatus.of(place).isWhiteout();
    }

    static void makeOpaque(Path directory) throws IOException {
        Xattrs.set(directory, ExtendedAttributes.OPAQUE, new byte[] {'y'});
    }
}
