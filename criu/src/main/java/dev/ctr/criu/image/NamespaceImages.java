package dev.ctr.criu.image;

import dev.ctr.proto.criu.MountEntry;
import dev.ctr.proto.criu.UtsnsEntry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what a dump says of namespaces.
 *
 * @param images the dump
 */
record NamespaceImages(DumpImages images) {
    /** The number that means: see the name (CRIU, images/mnt.proto). */
    private static final int ANY_TYPE = 16;

    private static final int READ_ONLY = 1;

    /** The mounts of all namespaces, outer ones first. */
    List<DumpedMount> mounts() throws IOException {
        List<DumpedMount> mounts = new ArrayList<>();
        for (String name : names("mountpoints-")) {
            List<MountEntry> entries = images.all(name, ImageType.MNTS, MountEntry.parser());
            for (int last = entries.size() - 1; last >= 0; last--) {
                mounts.add(mount(entries.get(last)));
            }
        }
        return mounts;
    }

    private static DumpedMount mount(MountEntry entry) {
        return new DumpedMount(
                entry.getMntId(),
                entry.getParentMntId(),
                FileTable.text(entry.getRoot()),
                FileTable.text(entry.getMountpoint()),
                entry.getFstype() == ANY_TYPE ? FileTable.text(entry.getFsname()) : type(entry.getFstype()),
                FileTable.text(entry.getSource()),
                FileTable.text(entry.getOptions()),
                (entry.getFlags() & READ_ONLY) != 0,
                FileTable.text(entry.getExtKey()));
    }

    /** CRIU's numbers of file systems (criu/include/image.h). */
    private static String type(int number) {
        return switch (number) {
            case 0 -> "";
            case 1 -> "proc";
            case 2 -> "sysfs";
            case 3 -> "devtmpfs";
            case 4 -> "binfmt_misc";
            case 5 -> "tmpfs";
            case 6 -> "devpts";
            case 7 -> "simfs";
            case 8 -> "pstore";
            case 9 -> "securityfs";
            case 10 -> "fusectl";
            case 11 -> "debugfs";
            case 12 -> "cgroup";
            case 14 -> "mqueue";
            case 15 -> "fuse";
            case 17 -> "overlay";
            case 18 -> "autofs";
            case 19 -> "tracefs";
            case 23 -> "cgroup2";
            default -> "number " + number;
        };
    }

    /** The host name, none if it is the host's. */
    Optional<String> hostname() throws IOException {
        Optional<String> image = names("utsns-").stream().findFirst();
        return image.isEmpty()
                ? Optional.empty()
                : images.only(image.get(), ImageType.UTSNS, UtsnsEntry.parser())
                        .map(names -> FileTable.text(names.getNodename()));
    }

    private List<String> names(String prefix) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(images.directory(), prefix + "*.img")) {
            List<String> names = new ArrayList<>();
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
            names.sort(null);
            return names;
        }
    }
}
