package dev.ctr.lifecycle.check;

import java.util.List;
import java.util.Optional;

/**
 * What {@link HostCheck} found. Its JSON form, by Jackson, is what {@code ctr check --format json} prints.
 *
 * @param criu CRIU
 * @param runtime the OCI runtime that the engine is set to use
 * @param conmon conmon
 * @param cni the CNI plugins
 * @param kernel the kernel
 * @param features every feature that was looked for
 */
public record HostReport(
        InstalledProgram criu,
        InstalledProgram runtime,
        InstalledProgram conmon,
        InstalledPlugins cni,
        Kernel kernel,
        List<Feature> features) {

    public HostReport {
        features = List.copyOf(features);
    }

    /** The feature of this name; empty if none was looked for. */
    public Optional<Feature> feature(String name) {
        return features.stream().filter(feature -> feature.name().equals(name)).findFirst();
    }

    /** Whether this can be done here, if perhaps not with every option. */
    public boolean worksFor(Purpose purpose) {
        return missingFor(purpose).isEmpty();
    }

    /** The features without which this cannot be done here at all, and that are missing. */
    public List<Feature> missingFor(Purpose purpose) {
        return features.stream()
                .filter(feature -> !feature.present() && feature.requiredFor().contains(purpose))
                .toList();
    }
}
