package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.Xattrs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Gives unpacked files the owner, mode, attributes and time of their entries. Directories get theirs at the end: until then, what
 * is unpacked into them would change their time, and might not be allowed.
 */
final class EntryAttributes {
    private static final int SET_ID_BITS = 06000;

    /** Bytes of attributes that may wait for the end. When there are more, those of directories left behind are set early. */
    private static final long MAX_WAITING = 64 << 20;

    private static final long OVERHEAD = 200;

    private final ConfinedTree tree;
    private final ExtractionOptions options;
    private final List<String> warnings;
    private final Map<EntryPath, TarEntry> directories = new LinkedHashMap<>();
    private long waiting;

    EntryAttributes(ConfinedTree tree, ExtractionOptions options, List<String> warnings) {
        this.tree = tree;
        this.options = options;
        this.warnings = warnings;
    }

    /** For a new file or link. */
    void apply(EntryPath path, TarEntry entry) throws IOException {
        dropInheritedAcl(path);
        apply(tree.place(path), entry);
    }

    /** For a directory, new or not. */
    void applyLater(EntryPath path, TarEntry entry) throws IOException {
        directories.remove(path);
        directories.put(path, entry);
        waiting += weight(entry);
        if (waiting > MAX_WAITING) {
            finish(known -> !path.isBelow(known));
            waiting = 0;
        }
    }

    private static long weight(TarEntry entry) {
        return OVERHEAD
                + entry.name().length()
                + entry.xattrs().values().stream()
                        .mapToLong(value -> value.length)
                        .sum();
    }

    /** For a directory that was replaced by something else. */
    void forget(EntryPath path) {
        directories.remove(path);
    }

    /** A new file has the attributes of its entry and no others. */
    void dropInheritedAcl(EntryPath path) throws IOException {
        if (tree.inheritsAcl(path)) {
            Path place = tree.place(path);
            if (!Files.isSymbolicLink(place)) {
                Xattrs.remove(place, ExtendedAttributes.ACCESS_ACL);
                if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                    Xattrs.remove(place, ExtendedAttributes.DEFAULT_ACL);
                }
            }
        }
    }

    void finishDirectories() throws IOException {
        finish(all -> true);
    }

    private void finish(Predicate<EntryPath> chosen) throws IOException {
        List<Map.Entry<EntryPath, TarEntry>> innermostFirst = new ArrayList<>(directories.entrySet());
        Collections.reverse(innermostFirst);
        for (Map.Entry<EntryPath, TarEntry> directory : innermostFirst) {
            if (!chosen.test(directory.getKey())) {
                continue;
            }
            directories.remove(directory.getKey());
            Optional<Path> place = tree.existingPlace(directory.getKey());
            if (place.isPresent() && Files.isDirectory(place.get(), LinkOption.NOFOLLOW_LINKS)) {
                apply(place.get(), directory.getValue());
            }
        }
    }

    /** The order matters: a change of owner takes set-user-ID bits and capabilities away. */
    private void apply(Path place, TarEntry entry) throws IOException {
        if (options.keepOwners()) {
            ExtractionOptions.Owner owner =
                    options.owner().orElse(new ExtractionOptions.Owner(entry.uid(), entry.gid()));
            FileNodes.lchown(place, (int) owner.uid(), (int) owner.gid());
        }
        if (entry.kind() != Kind.SYMBOLIC_LINK) {
            FileNodes.chmod(place, options.keepOwners() ? entry.mode() : entry.mode() & ~SET_ID_BITS);
        }
        ExtendedAttributes.write(place, entry, warnings);
        Instant modified = entry.modified();
        FileNodes.setTimesNoFollow(place, modified.getEpochSecond(), modified.getNano());
    }
}
