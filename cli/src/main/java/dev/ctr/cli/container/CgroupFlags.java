package dev.ctr.cli.container;

import dev.ctr.cli.value.ByteSize;
import dev.ctr.lifecycle.ResourceOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The limits of a container's cgroup, for {@code create}, {@code run} and {@code update}. */
final class CgroupFlags {
    private static final String NO_LIMIT = "-1";

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "The most memory it may use")
    private @Nullable ByteSize memory;

    @Option(names = "--memory-reservation", paramLabel = "SIZE", description = "Memory it is left under pressure")
    private @Nullable ByteSize memoryReservation;

    @Option(
            names = "--memory-swap",
            paramLabel = "SIZE",
            description = "The most memory and swap together; -1 for no limit (default: twice the memory)")
    private @Nullable String memorySwap;

    @Option(
            names = "--memory-swappiness",
            paramLabel = "0-100",
            description = "How readily it is swapped out; -1 for the host's way (cgroup v1)")
    private @Nullable Long swappiness;

    @Option(names = "--oom-kill-disable", description = "Let it wait for memory instead of killing it (cgroup v1)")
    private boolean oomKillDisabled;

    @Option(names = "--cpus", paramLabel = "NUMBER", description = "How many processors' time it may use")
    private @Nullable Double cpus;

    @Option(names = "--cpu-period", paramLabel = "MICROSECONDS", description = "The period of the quota")
    private @Nullable Long period;

    @Option(names = "--cpu-quota", paramLabel = "MICROSECONDS", description = "Processor time in each period")
    private @Nullable Long quota;

    @Option(
            names = {"-c", "--cpu-shares"},
            paramLabel = "NUMBER",
            description = "Its share of the processors, relative to 1024")
    private @Nullable Long shares;

    @Option(names = "--cpu-rt-period", paramLabel = "MICROSECONDS", description = "The real-time period (cgroup v1)")
    private @Nullable Long realtimePeriod;

    @Option(names = "--cpu-rt-runtime", paramLabel = "MICROSECONDS", description = "Real time in it (cgroup v1)")
    private @Nullable Long realtimeRuntime;

    @Option(names = "--cpuset-cpus", paramLabel = "LIST", description = "The processors it may run on, such as 0-2,4")
    private @Nullable String cpusetCpus;

    @Option(names = "--cpuset-mems", paramLabel = "LIST", description = "The memory nodes it may use")
    private @Nullable String cpusetMemoryNodes;

    @Option(
            names = "--pids-limit",
            paramLabel = "NUMBER",
            description = "The most processes it may have; -1 for no limit (default: 2048)")
    private @Nullable Long pidsLimit;

    void addTo(ResourceOptions resources) {
        CreateFlags.set(memory, size -> resources.memoryBytes(size.bytes()));
        CreateFlags.set(memoryReservation, size -> resources.memoryReservationBytes(size.bytes()));
        CreateFlags.set(memorySwap, text -> resources.memorySwapBytes(swap(text)));
        if (swappiness != null && swappiness != ResourceOptions.UNLIMITED) {
            resources.memorySwappiness(swappiness);
        }
        resources.oomKillDisabled(oomKillDisabled);
        CreateFlags.set(cpus, resources::cpus);
        CreateFlags.set(period, resources::cpuPeriodMicros);
        CreateFlags.set(quota, resources::cpuQuotaMicros);
        CreateFlags.set(shares, resources::cpuShares);
        CreateFlags.set(realtimePeriod, resources::realtimePeriodMicros);
        CreateFlags.set(realtimeRuntime, resources::realtimeRuntimeMicros);
        CreateFlags.set(cpusetCpus, resources::cpusetCpus);
        CreateFlags.set(cpusetMemoryNodes, resources::cpusetMemoryNodes);
        CreateFlags.set(pidsLimit, limit -> resources.pidsLimit(limit <= 0 ? ResourceOptions.UNLIMITED : limit));
    }

    private static long swap(String text) {
        return text.equals(NO_LIMIT)
                ? ResourceOptions.UNLIMITED
                : ByteSize.parse(text).bytes();
    }
}
