package dev.ctr.cli.container;

import dev.ctr.cli.value.Devices;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.ResourceOptions;
import dev.ctr.lifecycle.ResourceOptions.ThrottleKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The devices of a container that is to be created, and how much it may use disks. */
final class DeviceFlags {
    @Option(
            names = "--device",
            paramLabel = "PATH[:PATH][:rwm]",
            description = "Give it a device of the host, or a directory of them")
    private List<String> devices = new ArrayList<>();

    @Option(
            names = "--device-cgroup-rule",
            paramLabel = "\"TYPE MAJOR:MINOR ACCESS\"",
            description = "Let it use devices, such as \"c 10:* rw\"")
    private List<String> rules = new ArrayList<>();

    @Option(names = "--blkio-weight", paramLabel = "WEIGHT", description = "Its share of disk time, 10 to 1000")
    private @Nullable Integer weight;

    @Option(names = "--blkio-weight-device", paramLabel = "DEVICE:WEIGHT", description = "Its share of one disk's time")
    private List<String> deviceWeights = new ArrayList<>();

    @Option(names = "--device-read-bps", paramLabel = "DEVICE:SIZE", description = "The most it may read a second")
    private List<String> readBytes = new ArrayList<>();

    @Option(names = "--device-write-bps", paramLabel = "DEVICE:SIZE", description = "The most it may write a second")
    private List<String> writeBytes = new ArrayList<>();

    @Option(names = "--device-read-iops", paramLabel = "DEVICE:NUMBER", description = "The most reads a second")
    private List<String> readOperations = new ArrayList<>();

    @Option(names = "--device-write-iops", paramLabel = "DEVICE:NUMBER", description = "The most writes a second")
    private List<String> writeOperations = new ArrayList<>();

    void addTo(CreateOptions create) {
        ResourceOptions resources = create.resources();
        devices.stream().map(Devices::parse).forEach(resources::device);
        rules.stream().map(Devices::parseRule).forEach(resources::deviceRule);
        CreateFlags.set(weight, resources::blockWeight);
        for (String deviceWeight : deviceWeights) {
            Devices.Value value = Devices.parseValue(deviceWeight);
            resources.blockDeviceWeight(value.device(), (int) value.number());
        }
        add(readBytes, ThrottleKind.READ_BYTES, resources);
        add(writeBytes, ThrottleKind.WRITE_BYTES, resources);
        add(readOperations, ThrottleKind.READ_OPERATIONS, resources);
        add(writeOperations, ThrottleKind.WRITE_OPERATIONS, resources);
    }

    private static void add(List<String> flags, ThrottleKind kind, ResourceOptions resources) {
        flags.stream()
                .map(Devices::parseValue)
                .forEach(value ->
                        resources.throttle(new ResourceOptions.Throttle(kind, value.device(), value.number())));
    }
}
