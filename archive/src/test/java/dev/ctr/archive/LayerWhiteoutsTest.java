package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers with whiteouts, seen through a real overlay mount. */
class LayerWhiteoutsTest {
    @TempDir
    Path temp;

    @Test
    void layersHideWhatTheyDelete() throws IOException {
        TarBuilder base = new TarBuilder()
                .directory("etc/")
                .file("etc/deleted", "x")
                .file("etc/kept", "x")
                .file("opaque/old", "x")
                .file("gone/a/b", "x")
                .file("replaced/old", "x")
                .file("late/old", "x")
                .file("remade", "old");
        TarBuilder top = new TarBuilder()
                .file("etc/.wh.deleted", "")
                .file("etc/.wh.never-there", "")
                .file("opaque/new", "x")
                .file("opaque/.wh..wh..opq", "")
                .file(".wh.gone", "")
                .directory("replaced/")
                .file("replaced/new", "x")
                .file(".wh.replaced", "")
                .file(".wh.late", "")
                .directory("late/")
                .file("late/new", "x")
                .file(".wh.remade", "")
                .file("remade", "new")
                .file(".wh..wh.plnk", "");

        assertThat(merged(base, top))
                .containsExactly(
                        "etc",
                        "etc/kept",
                        "late",
                        "late/new",
                        "opaque",
                        "opaque/new",
                        "remade",
                        "replaced",
                        "replaced/new");
    }

    @Test
    void namesWithALeadingSlashAreBelowTheRoot() throws IOException {
        assertThat(merged(new TarBuilder().file("/etc/f", "x").hardLink("/etc/g", "/etc/f"), new TarBuilder()))
                .containsExactly("etc", "etc/f", "etc/g");
    }

    @Test
    void whiteoutsOfNothingAreRefused() throws IOException {
        for (String name : List.of(".wh.", ".wh..", ".wh...", "d/.wh...")) {
            Path layer = Files.createTempDirectory(temp, "layer");
            assertThatThrownBy(() -> TarExtractor.extract(
                            new TarBuilder().file(name, "").stream(), "layer", layer, ExtractionOptions.LAYER))
                    .isInstanceOf(ArchiveException.class)
                    .hasMessageContaining(name);
        }
    }

    private List<String> merged(TarBuilder base, TarBuilder top) throws IOException {
        assumeTrue(Machine.canSetXattr(temp, ExtendedAttributes.OPAQUE, (byte) 'y'), "needs trusted attributes (root)");
        Path lower = Files.createDirectory(temp.resolve("base"));
        Path upper = Files.createDirectory(temp.resolve("top"));
        Path merged = Files.createDirectory(temp.resolve("merged"));
        TarExtractor.extract(base.stream(), "base layer", lower, ExtractionOptions.LAYER);
        TarExtractor.extract(top.stream(), "top layer", upper, ExtractionOptions.LAYER);
        try {
            Mounts.mount("overlay", merged, "overlay", Mounts.RDONLY, "lowerdir=" + upper + ":" + lower);
        } catch (IOException e) {
            assumeTrue(false, "needs overlay mounts: " + e.getMessage());
        }
        try {
            List<String> names = new ArrayList<>(TreeSnapshot.of(merged).keySet());
            names.remove(".");
            names.replaceAll(name -> name.substring(2));
            return names;
        } finally {
            Mounts.unmount(merged);
        }
    }
}
