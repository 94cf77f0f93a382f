package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Compares an archive with its manifest. */
final class ManifestCheck {
    private final List<TarEntry> entries = new ArrayList<>();

    /** Adds the next entry of the archive. */
    void add(TarEntry entry) {
        entries.add(entry);
    }

    /**
     * What is not as the manifest says, one clause each.
     *
     * @param size of the tar before the manifest
     */
    List<String> differences(ArchiveManifest manifest, TarDigests.Result digests, long size) {
        List<String> differences = new ArrayList<>();
        List<ArchiveManifest.Entry> listed = manifest.entries();
        int file = 0;
        for (int i = 0; i < entries.size(); i++) {
            TarEntry entry = entries.get(i);
            String sha256 = entry.kind() == Kind.FILE ? digests.contents().get(file++) : "";
            if (i < listed.size()) {
                compare(ManifestJson.entry(entry, sha256), listed.get(i), differences);
            } else {
                differences.add("entry \"%s\" is not in the manifest".formatted(entry.name()));
            }
        }
        for (ArchiveManifest.Entry missing : listed.subList(Math.min(entries.size(), listed.size()), listed.size())) {
            differences.add("entry \"%s\" is missing".formatted(missing.name()));
        }
        if (size != manifest.layoutSize() || !digests.layout().equals(manifest.layout())) {
            differences.add("the headers between the entries are others");
        }
        return differences;
    }

    private static void compare(ArchiveManifest.Entry actual, ArchiveManifest.Entry listed, List<String> differences) {
        if (!actual.name().equals(listed.name())) {
            differences.add("entry \"%s\" is where \"%s\" was written".formatted(actual.name(), listed.name()));
        } else if (!actual.sha256().equals(listed.sha256()) || actual.size() != listed.size()) {
            differences.add("entry \"%s\" has another content".formatted(actual.name()));
        } else if (!Objects.equals(actual, listed)) {
            differences.add("entry \"%s\" has other attributes".formatted(actual.name()));
        }
    }

    /** The error for an archive that is not as its manifest says. */
    static ArchiveException error(String source, List<String> differences) {
        String more = differences.size() > 1 ? ", and %d more differences".formatted(differences.size() - 1) : "";
        return new ArchiveException(
                Code.CORRUPT,
                "%s is not as it was written (%s%s): copy it again".formatted(source, differences.get(0), more));
    }
}
