package dev.ctr.archive;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a host must have to let a checkpoint go on; what is empty was not recorded.
 *
 * @param architecture as the OCI image specification spells it, such as {@code amd64}
 * @param cpuFeatures instructions that the processes may have found and use from now on, as {@code /proc/cpuinfo} names them
 * @param criu the version of CRIU that made the images, such as {@code 4.2.1}; an older one may not understand them
 * @param kernel the release of the kernel that they were made on, such as {@code 6.18.0}
 */
public record ArchiveRequirements(
        Optional<String> architecture, Set<String> cpuFeatures, Optional<String> criu, Optional<String> kernel) {
    /** Nothing is known. */
    public static final ArchiveRequirements NONE =
            new ArchiveRequirements(Optional.empty(), Set.of(), Optional.empty(), Optional.empty());

    /** Sorts the features. */
    public ArchiveRequirements {
        cpuFeatures = Collections.unmodifiableSet(new TreeSet<>(cpuFeatures));
    }
}
