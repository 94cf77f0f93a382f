package dev.ctr.lifecycle;

import dev.ctr.archive.ArchiveRequirements;
import dev.ctr.criu.CpuFeatures;
import dev.ctr.criu.Criu;
import dev.ctr.criu.CriuLog;
import dev.ctr.criu.CriuVersion;
import dev.ctr.lifecycle.image.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a checkpoint that was made here needs where it goes on, and whether this host has what one from elsewhere needs. */
final class TargetRequirements {
    private static final Path KERNEL_RELEASE = Path.of("/proc/sys/kernel/osrelease");
    private static final Pattern KERNEL_VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,6})");
    private static final Comparator<String> ORDER = Comparator.<String>comparingInt(release -> number(release, 1))
            .thenComparingInt(release -> number(release, 2));

    private TargetRequirements() {}

    /** This program and its version, if it was packaged. */
    static String thisProgram() {
        String version = TargetRequirements.class.getPackage().getImplementationVersion();
        return version == null ? "ctr" : "ctr " + version;
    }

    /** @param dumpLog what CRIU wrote of the dump */
    static ArchiveRequirements ofThisHost(Path dumpLog) throws IOException {
        return new ArchiveRequirements(
                Optional.of(Platform.host().arch()),
                CpuFeatures.ofThisHost(),
                CriuLog.version(dumpLog).map(CriuVersion::toString),
                Optional.of(Files.readString(KERNEL_RELEASE).strip()));
    }

    /**
     * Compares with this host.
     *
     * @return what may be of importance, a sentence each
     * @throws EngineException with REFUSED_BY_POLICY if something is missing that the policy does not excuse
     */
    static List<String> check(ArchiveRequirements needed, RestorePolicy policy)
            throws IOException, InterruptedException {
        String here = Platform.host().arch();
        if (!needed.architecture().orElse(here).equals(here)) {
            throw RestorePolicy.refused(
                    "was checkpointed on " + needed.architecture().get() + ": this host is " + here);
        }
        checkProcessor(needed.cpuFeatures(), policy);
        checkCriu(needed.criu().flatMap(CriuVersion::parse), policy);
        return checkKernel(needed.kernel().orElse(""));
    }

    private static void checkProcessor(Set<String> needed, RestorePolicy policy) throws IOException {
        Set<String> missing = new TreeSet<>(needed);
        missing.removeAll(CpuFeatures.ofThisHost());
        missing.removeIf(feature -> policy.lists(RestorePolicy.MISSING_CPU_FEATURES, feature));
        if (!missing.isEmpty()) {
            throw RestorePolicy.refused(
                    "may use instructions that this processor lacks (" + String.join(", ", missing) + ")",
                    RestorePolicy.MISSING_CPU_FEATURES + " naming them");
        }
    }

    private static void checkCriu(Optional<CriuVersion> needed, RestorePolicy policy)
            throws IOException, InterruptedException {
        Optional<Criu> criu = needed.isEmpty() || policy.is(RestorePolicy.OLDER_CRIU) ? Optional.empty() : Criu.find();
        if (criu.isEmpty()) {
            return;
        }
        CriuVersion here = criu.get().version();
        if (here.compareTo(needed.get()) < 0) {
            throw RestorePolicy.refused(
                    "was dumped by CRIU " + needed.get() + ": this host has " + here + ", which may not understand it",
                    RestorePolicy.OLDER_CRIU + " = \"true\"");
        }
    }

    private static List<String> checkKernel(String needed) throws IOException {
        String here = Files.readString(KERNEL_RELEASE).strip();
        if (needed.isEmpty() || ORDER.compare(here, needed) >= 0) {
            return List.of();
        }
        return List.of("the checkpoint was made on kernel " + needed + ", and this host has the older " + here
                + ": what the older one lacks cannot be restored");
    }

    /** The numbers before and after the first dot of a kernel's release; zeros if there are none. */
    private static int number(String release, int group) {
        Matcher numbers = KERNEL_VERSION.matcher(release);
        return numbers.lookingAt() ? Integer.parseInt(numbers.group(group)) : 0;
    }
}
