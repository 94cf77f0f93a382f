package dev.ctr.lifecycle.storage;

import dev.ctr.archive.ExtractionOptions;
import dev.ctr.archive.TarExtractor;
import dev.ctr.archive.TarTree;
import dev.ctr.criu.linux.DirectoryDescriptor;
import java.io.IOException;
import java.nio.file.Path;

/** Copies a directory with all it has: links, devices, owners, modes, times, extended attributes. */
public final class DirectoryCopy {
    /** Copies into {@code target}, which exists; it gets the attributes of {@code source}. Other file systems mounted in the source are left out. */
    public static void copy(Path source, Path target) throws IOException {
        try (DirectoryDescriptor directory = DirectoryDescriptor.open(source)) {
            TarPipe.run(
                    out -> {
                        TarTree tar = new TarTree(out, TarTree.Devices.KEEP);
                        tar.addDirectory(directory, ".", false);
                        tar.finish();
                        return tar.warnings();
                    },
                    in -> TarExtractor.extract(in, source.toString(), target, ExtractionOptions.EXACT));
        }
    }

    private DirectoryCopy() {}
}
