package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.Mount;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.lifecycle.runtime.Cgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The OCI specification's {@code linux.resources} and what belongs to it. The values are cgroup v1's, which the runtime
 * translates for v2; what only v1 has is left out on v2, with a warning, as libpod does.
 */
final class ResourceSpec {
    private static final long DEFAULT_PIDS = 2048;
    private static final long DEFAULT_PERIOD_MICROS = 100_000;
    private static final int LEAST_WEIGHT = 10;
    private static final int LARGEST_WEIGHT = 1000;
    private static final int LARGEST_SCORE = 1000;

    private final ResourceOptions asked;
    private final boolean privileged;
    private final boolean unified;
    private final Consumer<String> warnings;

    ResourceSpec(ResourceOptions asked, boolean privileged, Consumer<String> warnings) {
        this(asked, privileged, isUnified(), warnings);
    }

    /** @param unified whether to write for a host that has cgroup v2 only */
    ResourceSpec(ResourceOptions asked, boolean privileged, boolean unified, Consumer<String> warnings) {
        this.asked = asked;
        this.privileged = privileged;
        this.unified = unified;
        this.warnings = warnings;
    }

    private static boolean isUnified() {
        try {
            return Cgroup.isUnified();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds limits, devices and rlimits to a specification. */
    void addTo(ObjectNode spec) {
        check();
        ObjectNode process = spec.withObjectProperty("process");
        ArrayNode rlimits = Ulimits.toJson(asked.ulimits, warnings);
        if (!rlimits.isEmpty()) {
            process.set("rlimits", rlimits);
        }
        if (asked.oomScoreAdjustment != null) {
            process.put("oomScoreAdj", asked.oomScoreAdjustment);
        }
        ObjectNode linux = spec.withObjectProperty("linux");
        DeviceSpec devices = DeviceSpec.of(asked, privileged);
        if (!devices.nodes().isEmpty()) {
            linux.set("devices", devices.nodes());
        }
        ObjectNode resources = linux.withObjectProperty("resources");
        resources.set("devices", devices.rules());
        if (asked.pidsLimit != ResourceOptions.UNLIMITED) {
            resources.putObject("pids").put("limit", asked.pidsLimit == 0 ? DEFAULT_PIDS : asked.pidsLimit);
        }
        addLimits(resources);
    }

    /** What was asked for alone, to be put over the limits that a container has. */
    ObjectNode changes() {
        check();
        ObjectNode resources = Json.object();
        if (asked.pidsLimit != 0) {
            resources.putObject("pids").put("limit", asked.pidsLimit);
        }
        addLimits(resources);
        return resources;
    }

    private void addLimits(ObjectNode resources) {
        addMemory(resources);
        addProcessors(resources);
        addDisks(resources);
        addUnified(resources);
    }

    private void check() {
        long memory = asked.memoryBytes;
        long swap = asked.memorySwapBytes;
        if (swap > 0 && memory == 0) {
            throw invalid("you should always set a memory limit when using a memoryswap limit, see usage");
        }
        if (swap > 0 && swap < memory) {
            throw invalid("minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (memory > 0 && asked.memoryReservationBytes > memory) {
            throw invalid("minimum memory limit cannot be less than memory reservation limit, see usage");
        }
        if (asked.memorySwappiness != null && (asked.memorySwappiness < 0 || asked.memorySwappiness > 100)) {
            throw invalid("invalid value: " + asked.memorySwappiness + ", valid memory swappiness range is 0-100");
        }
        if (asked.cpus > 0 && asked.cpuQuotaMicros != 0) {
            throw invalid("--cpu-quota and --cpus cannot be set together");
        }
        if (asked.cpus > 0 && asked.cpuPeriodMicros != 0) {
            throw invalid("--cpu-period and --cpus cannot be set together");
        }
        if (asked.oomScoreAdjustment != null && Math.abs(asked.oomScoreAdjustment) > LARGEST_SCORE) {
            throw invalid("invalid value " + asked.oomScoreAdjustment + " of --oom-score-adj: it ranges from -"
                    + LARGEST_SCORE + " to " + LARGEST_SCORE);
        }
    }

    private void addMemory(ObjectNode resources) {
        ObjectNode memory = Json.object();
        if (asked.memoryBytes > 0) {
            memory.put("limit", asked.memoryBytes);
        }
        if (asked.memoryReservationBytes > 0) {
            memory.put("reservation", asked.memoryReservationBytes);
        }
        if (asked.memorySwapBytes != 0) {
            memory.put("swap", asked.memorySwapBytes);
        } else if (asked.memoryBytes > 0) {
            memory.put("swap", 2 * asked.memoryBytes);
        }
        if (asked.memorySwappiness != null && hasOnV1("memory swappiness")) {
            memory.put("swappiness", asked.memorySwappiness);
        }
        if (asked.oomKillDisabled && hasOnV1("disabling the OOM killer")) {
            memory.put("disableOOMKiller", true);
        }
        if (!memory.isEmpty()) {
            resources.set("memory", memory);
        }
    }

    private boolean hasOnV1(String what) {
        if (unified) {
            warnings.accept(what + " is not possible with cgroup v2: left out");
        }
        return !unified;
    }

    private void addProcessors(ObjectNode resources) {
        ObjectNode cpu = Json.object();
        if (asked.cpus > 0) {
            cpu.put("period", DEFAULT_PERIOD_MICROS);
            cpu.put("quota", Math.round(asked.cpus * DEFAULT_PERIOD_MICROS));
        }
        put(cpu, "period", asked.cpuPeriodMicros);
        put(cpu, "quota", asked.cpuQuotaMicros);
        put(cpu, "shares", asked.cpuShares);
        if ((asked.realtimePeriodMicros > 0 || asked.realtimeRuntimeMicros > 0) && hasOnV1("real-time scheduling")) {
            put(cpu, "realtimePeriod", asked.realtimePeriodMicros);
            put(cpu, "realtimeRuntime", asked.realtimeRuntimeMicros);
        }
        if (!asked.cpusetCpus.isEmpty()) {
            cpu.put("cpus", asked.cpusetCpus);
        }
        if (!asked.cpusetMemoryNodes.isEmpty()) {
            cpu.put("mems", asked.cpusetMemoryNodes);
        }
        if (!cpu.isEmpty()) {
            resources.set("cpu", cpu);
        }
    }

    private static void put(ObjectNode json, String key, long value) {
        if (value != 0) {
            json.put(key, value);
        }
    }

    private void addDisks(ObjectNode resources) {
        ObjectNode disks = Json.object();
        if ((asked.blockWeight != 0 || !asked.blockDeviceWeights.isEmpty()) && weighsDisks()) {
            put(disks, "weight", weight(asked.blockWeight == 0 ? LEAST_WEIGHT : asked.blockWeight));
            if (asked.blockWeight == 0) {
                disks.remove("weight");
            }
            for (Map.Entry<String, Integer> weight : asked.blockDeviceWeights.entrySet()) {
                device(disks.withArrayProperty("weightDevice").addObject(), weight.getKey())
                        .put("weight", weight(weight.getValue()));
            }
        }
        for (ResourceOptions.Throttle throttle : asked.throttles) {
            device(disks.withArrayProperty(throttle.kind().key).addObject(), throttle.device())
                    .put("rate", throttle.rate());
        }
        if (!disks.isEmpty()) {
            resources.set("blockIO", disks);
        }
    }

    private static int weight(int value) {
        if (value < LEAST_WEIGHT || value > LARGEST_WEIGHT) {
            throw invalid("range of blkio weight is from " + LEAST_WEIGHT + " to " + LARGEST_WEIGHT + ", not " + value);
        }
        return value;
    }

    /** The kernel weighs disks only with a scheduler that can; a cgroup tells by a file, which the root has not. */
    private boolean weighsDisks() {
        boolean weighs = unified || anyCgroupHas("blkio.weight") || anyCgroupHas("blkio.bfq.weight");
        if (!weighs) {
            warnings.accept(
                    "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.");
        }
        return weighs;
    }

    private static boolean anyCgroupHas(String file) {
        try {
            for (Mount mount : Mounts.list()) {
                boolean isBlock =
                        mount.type().equals("cgroup") && mount.mountPoint().endsWith("blkio");
                if (isBlock && anyBelowHas(mount.mountPoint(), file)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean anyBelowHas(Path hierarchy, String file) throws IOException {
        try (Stream<Path> children = Files.list(hierarchy)) {
            return Stream.concat(Stream.of(hierarchy), children).anyMatch(cgroup -> Files.exists(cgroup.resolve(file)));
        }
    }

    private static ObjectNode device(ObjectNode json, String path) {
        try {
            Path real = Path.of(path).toRealPath();
            int mode = (int) Files.getAttribute(real, "unix:mode");
            if ((mode & 0170000) != FileNodes.S_IFBLK) {
                throw invalid(path + " is no block device, whose use could be limited");
            }
            long device = (long) Files.getAttribute(real, "unix:rdev");
            return json.put("major", FileNodes.major(device)).put("minor", FileNodes.minor(device));
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "the host has no device " + path + " to limit", e);
        }
    }

    private void addUnified(ObjectNode resources) {
        if (asked.unified.isEmpty()) {
            return;
        }
        if (!unified) {
            throw invalid("--cgroup-conf is only supported with cgroup v2, and this host has v1");
        }
        ObjectNode json = resources.putObject("unified");
        asked.unified.forEach(json::put);
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}
