package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * The files of an image archive by their names in it, staged in the order in which they came. Names are only looked up,
 * never used as paths.
 */
final class ArchiveContent {
    /** An image has two files per layer in the wordiest format. */
    private static final int MAX_ENTRIES = 10_000;

    private static final Pattern SEPARATOR = Pattern.compile("/");
    private static final int MAX_LINKS = 10;

    private final Map<String, StagedBlobs.Blob> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    static ArchiveContent read(InputStream tar, String source, StagedBlobs staged) throws IOException {
        ArchiveContent content = new ArchiveContent();
        TarFiles entries = new TarFiles(tar, source);
        for (Optional<TarArchiveEntry> entry = entries.next(); entry.isPresent(); entry = entries.next()) {
            content.add(entry.get(), entries, source, staged);
        }
        return content;
    }

    private void add(TarArchiveEntry entry, InputStream in, String source, StagedBlobs staged) throws IOException {
        if (files.size() + links.size() >= MAX_ENTRIES) {
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    source + " is not an image archive: it has more than " + MAX_ENTRIES + " entries");
        }
        String name = normalized(entry.getName());
        if (entry.isSymbolicLink()) {
            int slash = name.lastIndexOf('/');
            links.put(name, normalized(name.substring(0, slash + 1) + entry.getLinkName()));
        } else if (entry.isLink()) {
            links.put(name, normalized(entry.getLinkName()));
        } else if (entry.isFile()) {
            files.put(name, staged.add(in, "\"" + name + "\" in " + source));
        }
    }

    Optional<StagedBlobs.Blob> find(String name) {
        String current = normalized(name);
        for (int i = 0; i < MAX_LINKS; i++) {
            String target = links.get(current);
            if (target == null) {
                break;
            }
            current = target;
        }
        return Optional.ofNullable(files.get(current));
    }

    private static String normalized(String name) {
        ArrayDeque<String> parts = new ArrayDeque<>();
        for (String part : SEPARATOR.split(name, -1)) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    private ArchiveContent() {}
}
