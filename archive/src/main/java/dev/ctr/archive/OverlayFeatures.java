package dev.ctr.archive;

import dev.ctr.criu.linux.Xattrs;
import java.io.IOException;
import java.nio.file.Path;

/** Refuses what overlayfs writes into an upper directory only with options that nobody who makes containers sets. */
final class OverlayFeatures {
    private OverlayFeatures() {}

    /** A renamed directory of the image: its content is somewhere else in the layers below. The errors call it {@code name}. */
    static void refuseRedirect(Path directory, String name) throws IOException {
        if (Xattrs.get(directory, ExtendedAttributes.REDIRECT).isPresent()) {
            throw refusal(name, "was renamed", "redirect_dir");
        }
    }

    /** A file whose attributes changed, and whose content is still in the layers below. */
    static void refuseMetacopy(Path file, String name) throws IOException {
        if (Xattrs.get(file, ExtendedAttributes.METACOPY).isPresent()) {
            throw refusal(name, "has its content in another layer", "metacopy");
        }
    }

    private static IOException refusal(String name, String what, String option) {
        return new IOException(
                "cannot tell the changes of the root file system: %s %s (overlayfs option %s=on); mount with %s=off"
                        .formatted(name, what, option, option));
    }
}
