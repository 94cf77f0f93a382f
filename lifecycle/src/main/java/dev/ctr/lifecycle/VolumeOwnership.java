package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.FileNodes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Gives what a container mounts with the option {@code U} to its user, everything below included. Links are given away
 * themselves and never followed, whoever else changes the directories meanwhile.
 */
final class VolumeOwnership {
    /** A directory costs a descriptor while what is below it is given away. */
    private static final int DEEPEST = 1000;

    private final int uid;
    private final int gid;

    private VolumeOwnership(RootUsers.User user) {
        this.uid = (int) user.uid();
        this.gid = (int) user.gid();
    }

    static void give(ContainerConfig config, ContainerResources resources) throws IOException {
        VolumeOwnership ownership = new VolumeOwnership(
                RootUsers.of(resources.rootFilesystem().path()).find(config.user()));
        for (ContainerConfig.NamedVolume volume : config.namedVolumes()) {
            if (volume.options().contains(VolumeOptions.OWNED)) {
                ownership.give(resources.filledVolume(volume));
            }
        }
        for (ContainerConfig.OverlayVolume volume : config.overlayVolumes()) {
            if (volume.options().contains(VolumeOptions.OWNED)) {
                ownership.give(Path.of(volume.source()));
            }
        }
        for (JsonNode mount : config.spec().path("mounts")) {
            boolean isBind = mount.path("type").asText().equals("bind");
            if (isBind && Json.strings(mount.path("options")).contains(VolumeOptions.OWNED)) {
                ownership.give(Path.of(mount.path("source").asText()));
            }
        }
    }

    private void give(Path path) throws IOException {
        Path real = path.toRealPath();
        if (!Files.isDirectory(real)) {
            FileNodes.lchown(real, uid, gid);
            return;
        }
        try (DirectoryDescriptor top = DirectoryDescriptor.open(real)) {
            give(top, 0);
        }
    }

    private void give(DirectoryDescriptor directory, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("cannot change the owner of " + directory.shownPath() + ": it lies more than "
                    + DEEPEST + " directories deep");
        }
        FileNodes.lchown(directory.path().resolve("."), uid, gid);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.path())) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    try (DirectoryDescriptor below = directory.descendWithoutLinks(entry.getFileName())) {
                        give(below, depth + 1);
                    }
                } else {
                    FileNodes.lchown(entry, uid, gid);
                }
            }
        }
    }
}
