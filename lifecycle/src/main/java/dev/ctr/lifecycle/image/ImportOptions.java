package dev.ctr.lifecycle.image;

import java.util.List;

/**
 * What to make of an imported root file system.
 *
 * @param name the image's name; empty for none
 * @param changes instructions as in a Containerfile, applied in order: {@code CMD}, {@code ENTRYPOINT}, {@code ENV},
 *     {@code EXPOSE}, {@code LABEL}, {@code STOPSIGNAL}, {@code USER}, {@code VOLUME}, {@code WORKDIR}
 * @param message a remark for the image's history; empty for none
 */
public record ImportOptions(String name, List<String> changes, String message) {
    public ImportOptions {
        changes = List.copyOf(changes);
    }

    /** A name and nothing else. */
    public static ImportOptions named(String name) {
        return new ImportOptions(name, List.of(), "");
    }
}
