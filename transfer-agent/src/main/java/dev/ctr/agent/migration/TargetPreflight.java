package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.archive.ArchiveRequirements;
import dev.ctr.criu.CpuInfo;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.PolicyTrial;
import dev.ctr.lifecycle.RestorePolicy;
import dev.ctr.lifecycle.check.Feature;
import dev.ctr.lifecycle.check.HostCheck;
import dev.ctr.lifecycle.check.HostReport;
import dev.ctr.lifecycle.check.Purpose;
import dev.ctr.lifecycle.image.Digest;
import dev.ctr.lifecycle.image.ImageDelivery;
import dev.ctr.lifecycle.image.Platform;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.Volume;
import dev.ctr.proto.migration.Wishes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Looks whether a container that runs elsewhere could run here. Touches nothing. */
final class TargetPreflight {
    private static final String HERE = "this host";
    private static final String TARGET = "the target";

    private final Engine engine;
    private final RestorePolicy policy;
    private final ProcessorAccount processor;

    @GuardedBy("this")
    private @Nullable HostReport report;

    TargetPreflight(Engine engine, RestorePolicy policy) {
        this.engine = engine;
        this.policy = policy;
        this.processor = new ProcessorAccount(engine.options().runRoot());
    }

    /** Everything that was looked at, the bad and the good. */
    List<Finding> findings(Description container, Wishes wishes) throws IOException, InterruptedException {
        Findings findings = new Findings();
        host(findings);
        requirements(findings, container);
        granted(findings, container);
        cgroup(findings, container);
        name(findings, container, wishes);
        image(findings, container);
        new TargetNetworks(engine, container, wishes, findings).look();
        volumes(findings, container, wishes);
        new TargetRoom(engine, container, findings).look(imageBytes(container));
        return findings.all();
    }

    private synchronized HostReport report() throws InterruptedException {
        if (report == null) {
            report = new HostCheck(engine.options()).run();
        }
        return report;
    }

    private void host(Findings findings) throws InterruptedException {
        List<Feature> missing = report().missingFor(Purpose.MIGRATE);
        if (missing.isEmpty()) {
            findings.ok("host", "the target has all that a migration needs");
        }
        missing.forEach(feature ->
                findings.refused("host", "the target lacks " + feature.name() + ": " + feature.gives(), feature.how()));
    }

    /** The policy may excuse what is missing, and the words are those of a restore. */
    private void requirements(Findings findings, Description container) throws IOException, InterruptedException {
        ArchiveRequirements none = ArchiveRequirements.NONE;
        Optional<String> architecture = known(container.getArchitecture());
        compare(
                findings,
                "architecture",
                new ArchiveRequirements(architecture, none.cpuFeatures(), none.criu(), none.kernel()),
                "both hosts are " + Platform.host().arch(),
                "choose a target of the same architecture");
        compare(
                findings,
                "cpu",
                new ArchiveRequirements(
                        none.architecture(), Set.copyOf(container.getCpuFeaturesList()), none.criu(), none.kernel()),
                "the target's processor has every instruction of the source's that programs use",
                "choose a target with them");
        if (architecture.equals(Optional.of(Platform.host().arch()))) {
            account(findings, container);
        }
        compare(
                findings,
                "criu",
                new ArchiveRequirements(
                        none.architecture(), none.cpuFeatures(), known(container.getCriuVersion()), none.kernel()),
                "the target's CRIU " + report().criu().version() + " reads what the source's writes",
                "bring the target's CRIU up to date");
        compare(
                findings,
                "kernel",
                new ArchiveRequirements(
                        none.architecture(), none.cpuFeatures(), none.criu(), known(container.getKernelRelease())),
                "the target's kernel is not older than the source's",
                "choose a target with a newer kernel if the restore there fails");
    }

    private static Optional<String> known(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private void compare(Findings findings, String what, ArchiveRequirements needed, String match, String advice)
            throws IOException, InterruptedException {
        try {
            List<String> warnings = PolicyTrial.compare(needed, policy);
            warnings.forEach(warning -> findings.warning(what, warning.replace(HERE, TARGET), advice));
            if (warnings.isEmpty()) {
                findings.ok(what, match);
            }
        } catch (EngineException e) {
            findings.refused(what, onTarget(e.getMessage()), advice);
        }
    }

    /** What this host says of itself, as the source's people have to read it. */
    private static String onTarget(@Nullable String sentence) {
        return String.valueOf(sentence).replace(HERE, TARGET);
    }

    /** What CRIU itself thinks of the processors. */
    private void account(Findings findings, Description container) throws InterruptedException {
        CpuInfo.Comparison comparison;
        try {
            comparison = processor.compare(container.getCriuCpuinfo());
        } catch (IOException e) {
            findings.warning("cpu", "the processors were not compared by CRIU: " + e.getMessage(), "");
            return;
        }
        String advice = "choose a target with a processor like the source's";
        comparison
                .different()
                .ifPresent(reason -> findings.warning(
                        "cpu",
                        "the target's processor saves other state of a process than the source's: " + reason,
                        advice + " if the restore there fails"));
        if (comparison.missing().isEmpty()) {
            return;
        }
        String reason =
                "the target's processor does not do for CRIU: " + comparison.missing().get();
        if (PolicyTrial.excusesProcessor(policy)) {
            findings.warning("cpu", reason, advice);
        } else {
            findings.refused("cpu", reason, advice + ", or grant it with missing-cpu-features = \"all\" in its policy");
        }
    }

    private void granted(Findings findings, Description container) {
        List<String> refusals = PolicyTrial.refusals(
                container.getConfig().toByteArray(), policy, engine.options().root());
        refusals.forEach(reason -> findings.refused("policy", onTarget(reason), ""));
        if (refusals.isEmpty()) {
            findings.ok("policy", "the target's policy grants all that the container asks for");
        }
    }

    private static void cgroup(Findings findings, Description container) {
        boolean here = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        if (here == container.getCgroupV2()) {
            findings.ok("cgroup", "both hosts have cgroup " + version(here));
        } else {
            findings.warning(
                    "cgroup",
                    "the source has cgroup " + version(container.getCgroupV2()) + ", and the target " + version(here),
                    "what the container's processes see below /sys/fs/cgroup will differ");
        }
    }

    private static String version(boolean second) {
        return second ? "v2" : "v1";
    }

    private void name(Findings findings, Description container, Wishes wishes) {
        String wanted = wishes.getName().isEmpty() ? container.getName() : wishes.getName();
        if (isTaken(wanted)) {
            findings.refused(
                    "name",
                    "the target has a container " + wanted + " already",
                    "remove or rename it, or give the container another name with --name");
        } else if (wishes.getName().isEmpty() && isTaken(container.getId())) {
            findings.refused("name", "the target has a container with this ID already", "remove it, or use --name");
        } else {
            findings.ok("name", "the name " + wanted + " is free on the target");
        }
    }

    private boolean isTaken(String nameOrId) {
        try {
            Container container = engine.container(nameOrId);
            return container.name().equals(nameOrId) || container.id().hex().equals(nameOrId);
        } catch (EngineException e) {
            return false;
        }
    }

    /** Whether the container's image has to be sent. */
    boolean wantsImage(Description container) {
        return !container.getImageId().isEmpty()
                && engine.images().find(container.getImageId()).isEmpty();
    }

    /** What of the container's image has to be sent, as digests in hexadecimal digits. */
    List<String> blobsWanted(Description container) {
        if (!wantsImage(container)) {
            return List.of();
        }
        List<Digest> blobs =
                container.getImageBlobsList().stream().map(Digest::new).toList();
        return new ImageDelivery(engine.images())
                .lacking(blobs).stream().map(Digest::hex).toList();
    }

    /** How many bytes of the container's image have to be sent. */
    long imageBytes(Description container) {
        Set<String> wanted = Set.copyOf(blobsWanted(container));
        boolean told = container.getImageBlobBytesCount() == container.getImageBlobsCount();
        if (wanted.isEmpty() || !told) {
            return wanted.isEmpty() ? 0 : container.getImageBytes();
        }
        return IntStream.range(0, container.getImageBlobsCount())
                .filter(blob -> wanted.contains(container.getImageBlobs(blob)))
                .mapToLong(container::getImageBlobBytes)
                .sum();
    }

    private void image(Findings findings, Description container) {
        if (container.getImageId().isEmpty()) {
            findings.warning(
                    "image",
                    "the container's root file system is a plain directory",
                    "the target must have the same directory with the same content");
        } else if (wantsImage(container)) {
            findings.ok(
                    "image",
                    blobsWanted(container).size() + " of " + container.getImageBlobsCount() + " parts of the image "
                            + container.getImageName() + " will be sent");
        } else {
            findings.ok("image", "the target has the image " + container.getImageName());
        }
    }

    private void volumes(Findings findings, Description container, Wishes wishes) {
        for (Volume volume : container.getVolumesList()) {
            if (engine.volumes().find(volume.getName()).isEmpty()) {
                findings.ok("volume", "the volume " + volume.getName() + " will be sent");
            } else if (wishes.getIgnoreVolumes()) {
                findings.ok("volume", "the target's own volume " + volume.getName() + " will be used");
            } else {
                findings.refused(
                        "volume", "the target has a volume " + volume.getName() + " already", "remove it there");
            }
        }
    }
}
