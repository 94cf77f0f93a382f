package dev.ctr.lifecycle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container may use of its host: memory, processors, disks, devices, kernel settings. A mutable part of {@link
 * CreateOptions}, where what is not set is not limited, except that libpod's default of 2048 processes holds; or a change
 * for {@link Container#update}.
 */
public final class ResourceOptions {
    /** No limit, where the kernel knows that as a value. */
    public static final long UNLIMITED = -1;

    long memoryBytes;
    long memoryReservationBytes;
    long memorySwapBytes;

    @Nullable
    Long memorySwappiness;

    boolean oomKillDisabled;

    @Nullable
    Integer oomScoreAdjustment;

    double cpus;
    long cpuPeriodMicros;
    long cpuQuotaMicros;
    long cpuShares;
    long realtimePeriodMicros;
    long realtimeRuntimeMicros;
    String cpusetCpus = "";
    String cpusetMemoryNodes = "";
    long pidsLimit;
    int blockWeight;
    final Map<String, Integer> blockDeviceWeights = new LinkedHashMap<>();
    final List<Throttle> throttles = new ArrayList<>();
    final List<Ulimit> ulimits = new ArrayList<>();
    final List<Device> devices = new ArrayList<>();
    final List<DeviceRule> deviceRules = new ArrayList<>();
    final Map<String, String> sysctls = new LinkedHashMap<>();
    final Map<String, String> unified = new LinkedHashMap<>();

    /** No limits; for a change of a container's, nothing changed. */
    public ResourceOptions() {}

    /** What of a disk is limited: bytes or operations a second, reading or writing. */
    public enum ThrottleKind {
        READ_BYTES("throttleReadBpsDevice"),
        WRITE_BYTES("throttleWriteBpsDevice"),
        READ_OPERATIONS("throttleReadIOPSDevice"),
        WRITE_OPERATIONS("throttleWriteIOPSDevice");

        final String key;

        ThrottleKind(String key) {
            this.key = key;
        }
    }

    /**
     * A limit of the speed of one disk.
     *
     * @param device the block device's path on the host
     * @param rate bytes or operations a second
     */
    public record Throttle(ThrottleKind kind, String device, long rate) {}

    /**
     * A resource limit of the container's processes, as setrlimit(2) has it.
     *
     * @param name such as {@code nofile}, or {@code host} for all limits of this process
     * @param soft the limit that holds; {@link #UNLIMITED} for none
     * @param hard up to where a process may raise it
     */
    public record Ulimit(String name, long soft, long hard) {}

    /**
     * A device of the host, or a directory of them.
     *
     * @param hostPath where it is on the host
     * @param containerPath where the container has it
     * @param access {@code r}, {@code w} and {@code m} (make nodes), combined
     */
    public record Device(String hostPath, String containerPath, String access) {}

    /**
     * Which device nodes may be used, whether the container has them at the start or not.
     *
     * @param type {@code a}, {@code b} or {@code c}
     * @param major the major number; -1 for all
     * @param minor the minor number; -1 for all
     * @param access as in {@link Device}
     */
    public record DeviceRule(String type, long major, long minor, String access) {}

    /** The memory limit in bytes; 0 for none. */
    public ResourceOptions memoryBytes(long value) {
        memoryBytes = value;
        return this;
    }

    /** The memory that the kernel tries to leave it under pressure, in bytes. */
    public ResourceOptions memoryReservationBytes(long value) {
        memoryReservationBytes = value;
        return this;
    }

    /** The limit of memory and swap together in bytes; {@link #UNLIMITED}, or 0 for twice the memory limit. */
    public ResourceOptions memorySwapBytes(long value) {
        memorySwapBytes = value;
        return this;
    }

    /** How readily its memory is swapped out, 0 to 100; cgroup v1 only. */
    public ResourceOptions memorySwappiness(long value) {
        memorySwappiness = value;
        return this;
    }

    /** Lets processes wait instead of killing them when the memory limit is reached; cgroup v1 only. */
    public ResourceOptions oomKillDisabled(boolean value) {
        oomKillDisabled = value;
        return this;
    }

    /** How readily the kernel kills it when the host is out of memory, -1000 to 1000. */
    public ResourceOptions oomScoreAdjustment(int value) {
        oomScoreAdjustment = value;
        return this;
    }

    /** How many processors' time it may use; 0 for all. Excludes a quota and a period. */
    public ResourceOptions cpus(double value) {
        cpus = value;
        return this;
    }

    public ResourceOptions cpuPeriodMicros(long value) {
        cpuPeriodMicros = value;
        return this;
    }

    public ResourceOptions cpuQuotaMicros(long value) {
        cpuQuotaMicros = value;
        return this;
    }

    /** Its share of the processors relative to others' 1024. */
    public ResourceOptions cpuShares(long value) {
        cpuShares = value;
        return this;
    }

    public ResourceOptions realtimePeriodMicros(long value) {
        realtimePeriodMicros = value;
        return this;
    }

    public ResourceOptions realtimeRuntimeMicros(long value) {
        realtimeRuntimeMicros = value;
        return this;
    }

    /** The processors it may run on, such as {@code 0-3,7}. */
    public ResourceOptions cpusetCpus(String value) {
        cpusetCpus = value;
        return this;
    }

    /** The memory nodes it may use, such as {@code 0}. */
    public ResourceOptions cpusetMemoryNodes(String value) {
        cpusetMemoryNodes = value;
        return this;
    }

    /** The largest number of processes; 0 for libpod's default of 2048, {@link #UNLIMITED} for none. */
    public ResourceOptions pidsLimit(long value) {
        pidsLimit = value;
        return this;
    }

    /** Its share of disk time, 10 to 1000; left out with a warning where the kernel has no such control. */
    public ResourceOptions blockWeight(int value) {
        blockWeight = value;
        return this;
    }

    /** As {@link #blockWeight}, of one block device. */
    public ResourceOptions blockDeviceWeight(String device, int weight) {
        blockDeviceWeights.put(device, weight);
        return this;
    }

    public ResourceOptions throttle(Throttle value) {
        throttles.add(value);
        return this;
    }

    /** Adds a limit; one above what this process may set is lowered to that, with a warning. */
    public ResourceOptions ulimit(Ulimit value) {
        ulimits.add(value);
        return this;
    }

    public ResourceOptions device(Device value) {
        devices.add(value);
        return this;
    }

    public ResourceOptions deviceRule(DeviceRule value) {
        deviceRules.add(value);
        return this;
    }

    /** Sets a kernel parameter of the container's own namespaces, such as {@code net.core.somaxconn}. */
    public ResourceOptions sysctl(String key, String value) {
        sysctls.put(key, value);
        return this;
    }

    /** Writes a file of the container's cgroup; cgroup v2 only. */
    public ResourceOptions unified(String file, String value) {
        unified.put(file, value);
        return this;
    }
}
