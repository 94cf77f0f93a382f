package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.criu.CpuFeatures;
import dev.ctr.criu.CriuVersion;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.PolicyTrial;
import dev.ctr.lifecycle.RestorePolicy;
import dev.ctr.lifecycle.check.Feature;
import dev.ctr.lifecycle.check.HostCheck;
import dev.ctr.lifecycle.check.HostReport;
import dev.ctr.lifecycle.check.Purpose;
import dev.ctr.lifecycle.image.Platform;
import dev.ctr.lifecycle.network.PortMapping;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.Network;
import dev.ctr.proto.migration.Volume;
import dev.ctr.proto.migration.Wishes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Looks whether a container that runs elsewhere could run here. Touches nothing. */
final class TargetPreflight {
    private static final Path MEMORY_INFORMATION = Path.of("/proc/meminfo");
    private static final int KIBIBYTE = 1024;

    /** Unpacking needs the archive and what comes out of it for a moment. */
    private static final int DISK_FACTOR = 2;

    private final Engine engine;
    private final RestorePolicy policy;

    @GuardedBy("this")
    private @Nullable HostReport report;

    TargetPreflight(Engine engine, RestorePolicy policy) {
        this.engine = engine;
        this.policy = policy;
    }

    /** Everything that was looked at, the bad and the good. */
    List<Finding> findings(Description container, Wishes wishes) throws IOException, InterruptedException {
        Findings findings = new Findings();
        host(findings);
        processor(findings, container);
        criu(findings, container);
        granted(findings, container);
        cgroup(findings, container);
        name(findings, container, wishes);
        image(findings, container);
        networks(findings, container);
        ports(findings, container, wishes);
        volumes(findings, container, wishes);
        disk(findings, container);
        memory(findings, container);
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

    private static void processor(Findings findings, Description container) throws IOException {
        String here = Platform.host().arch();
        if (!container.getArchitecture().equals(here)) {
            findings.refused(
                    "cpu",
                    "the container runs on " + container.getArchitecture() + ", and the target is " + here,
                    "choose a target of the same architecture");
            return;
        }
        Set<String> missing = new TreeSet<>(container.getCpuFeaturesList());
        missing.removeAll(CpuFeatures.ofThisHost());
        if (missing.isEmpty()) {
            findings.ok("cpu", "the target's processor has every instruction of the source's");
        } else {
            findings.refused(
                    "cpu",
                    "the program may use instructions that the target's processor lacks: " + String.join(", ", missing),
                    "choose a target with them, or grant them with missing-cpu-features in its policy");
        }
    }

    private void criu(Findings findings, Description container) throws InterruptedException {
        Optional<CriuVersion> there = CriuVersion.parse(container.getCriuVersion());
        Optional<CriuVersion> here = CriuVersion.parse(report().criu().version());
        if (there.isPresent() && here.isPresent() && here.get().compareTo(there.get()) < 0) {
            findings.refused(
                    "criu",
                    "the source has CRIU " + there.get() + ", and the target the older " + here.get(),
                    "bring the target's CRIU up to date, or grant older-criu in its policy");
        } else {
            findings.ok(
                    "criu",
                    "the target's CRIU " + here.map(CriuVersion::toString).orElse("") + " reads the source's");
        }
    }

    private void granted(Findings findings, Description container) {
        Optional<String> refusal = PolicyTrial.refusal(
                container.getConfig().toByteArray(), policy, engine.options().root());
        refusal.ifPresentOrElse(
                reason -> findings.refused("policy", reason, "grant it in the policy of the target's agent"),
                () -> findings.ok("policy", "the target's policy grants all that the container asks for"));
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

    private void image(Findings findings, Description container) {
        if (container.getImageId().isEmpty()) {
            findings.warning(
                    "image",
                    "the container's root file system is a plain directory",
                    "the target must have the same directory with the same content");
        } else if (wantsImage(container)) {
            findings.ok("image", "the image " + container.getImageName() + " will be sent");
        } else {
            findings.ok("image", "the target has the image " + container.getImageName());
        }
    }

    private void networks(Findings findings, Description container) {
        for (Network network : container.getNetworksList()) {
            try {
                engine.networks().find(network.getName());
                findings.ok("network", "the target has a network " + network.getName());
            } catch (EngineException e) {
                findings.refused(
                        "network",
                        "the target has no network " + network.getName(),
                        "create it there with ctr network create");
            }
        }
    }

    private void ports(Findings findings, Description container, Wishes wishes) {
        List<PortMapping> wanted = wishes.getPublishCount() > 0
                ? wishes.getPublishList().stream().map(PortMapping::parse).toList()
                : container.getPortsList().stream()
                        .map(port -> new PortMapping(
                                port.getHostIp(),
                                port.getHostPort(),
                                port.getHostPort(),
                                Math.max(1, port.getRange()),
                                port.getProtocol()))
                        .toList();
        for (Container other : engine.containers()) {
            Optional<PortMapping> clash = clash(other, wanted);
            if (clash.isPresent()) {
                findings.refused(
                        "port",
                        "the port " + clash.get().hostPort() + " of the target is published by " + other.name(),
                        "choose others with --publish");
                return;
            }
        }
        if (!wanted.isEmpty()) {
            findings.ok("port", "no container of the target publishes the same ports");
        }
    }

    private static Optional<PortMapping> clash(Container other, List<PortMapping> wanted) {
        try {
            ContainerStatus status = other.state().status();
            if (status != ContainerStatus.RUNNING && status != ContainerStatus.PAUSED) {
                return Optional.empty();
            }
            List<PortMapping> taken = other.config().ports();
            return wanted.stream()
                    .filter(port -> port.hostPort() != 0)
                    .filter(port -> taken.stream()
                            .anyMatch(used -> used.protocol().equals(port.protocol())
                                    && used.hostPort() < port.hostPort() + port.range()
                                    && port.hostPort() < used.hostPort() + used.range()))
                    .findFirst();
        } catch (EngineException gone) {
            return Optional.empty();
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

    private void disk(Findings findings, Description container) throws IOException {
        Path place = engine.options().root();
        while (!Files.exists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        long free = Files.getFileStore(place).getUsableSpace();
        long needed = DISK_FACTOR
                * (container.getMemoryBytes()
                        + container.getRootfsBytes()
                        + (wantsImage(container) ? container.getImageBytes() : 0)
                        + container.getVolumesList().stream()
                                .mapToLong(Volume::getBytes)
                                .sum());
        if (free < needed) {
            findings.refused(
                    "disk",
                    "the target may need " + needed + " bytes on its disk, and has " + free,
                    "make room below " + engine.options().root());
        } else {
            findings.ok("disk", "there is room on the target's disk");
        }
    }

    private static void memory(Findings findings, Description container) throws IOException {
        long free = Files.readAllLines(MEMORY_INFORMATION).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                .findFirst()
                .orElse(Long.MAX_VALUE);
        if (free < container.getMemoryBytes()) {
            findings.refused(
                    "memory",
                    "the container uses " + container.getMemoryBytes() + " bytes of memory, and the target has " + free,
                    "choose a target with more memory");
        } else {
            findings.ok("memory", "there is room in the target's memory");
        }
    }
}
