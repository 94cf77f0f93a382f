package dev.ctr.archive;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One directory of an image as overlayfs merges it from the image's layers (kernel, Documentation/filesystems/overlayfs.rst).
 *
 * @param layers the directories that are merged, top first; none if the image has no such directory
 */
record ImageDirectory(List<Path> layers) {
    static final ImageDirectory MISSING = new ImageDirectory(List.of());

    /** What the image has under one name. */
    sealed interface Node {
        /** Nothing. */
        record Absent() implements Node {}

        /** A file, link or device. */
        record File() implements Node {}

        /** A directory with the attributes of its uppermost layer. */
        record Directory(ImageDirectory merged, Path uppermost) implements Node {}
    }

    /** What the image has under this name. */
    Node lookup(String name) throws IOException {
        List<Path> merged = new ArrayList<>();
        for (Path layer : layers) {
            Path candidate = layer.resolve(FileNames.path(name));
            Optional<FileStatus> status = status(candidate);
            if (status.isEmpty()) {
                continue;
            }
            if (status.get().isWhiteout()) {
                break;
            }
            if (!status.get().isDirectory()) {
                if (merged.isEmpty()) {
                    return new Node.File();
                }
                break;
            }
            OverlayFeatures.refuseRedirect(candidate, candidate.toString());
            merged.add(candidate);
            if (ExtendedAttributes.isOpaque(candidate)) {
                break;
            }
        }
        return merged.isEmpty()
                ? new Node.Absent()
                : new Node.Directory(new ImageDirectory(List.copyOf(merged)), merged.get(0));
    }

    /** The names in the directory. */
    Set<String> names() throws IOException {
        Set<String> visible = new TreeSet<>();
        Set<String> deleted = new HashSet<>();
        for (Path layer : layers) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(layer)) {
                for (Path child : children) {
                    String name = FileNames.of(child.getFileName());
                    if (visible.contains(name) || deleted.contains(name)) {
                        continue;
                    }
                    boolean whiteout = FileStatus.of(child).isWhiteout();
                    (whiteout ? deleted : visible).add(name);
                }
            }
        }
        return visible;
    }

    private static Optional<FileStatus> status(Path file) throws IOException {
        try {
            return Optional.of(FileStatus.of(file));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        }
    }

    /** The directory at the top of an image with these layers. */
    static ImageDirectory root(List<Path> layers) throws IOException {
        for (Path layer : layers) {
            if (!Files.isDirectory(layer, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(layer)) {
                throw new IOException("cannot compare with the image layer %s: it is no directory".formatted(layer));
            }
        }
        return new ImageDirectory(List.copyOf(layers));
    }
}
