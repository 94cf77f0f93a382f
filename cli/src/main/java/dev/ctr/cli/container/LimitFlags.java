package dev.ctr.cli.container;

import dev.ctr.cli.value.ByteSize;
import dev.ctr.lifecycle.CreateOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a container that is to be created may use and do. */
final class LimitFlags {
    private static final long UNLIMITED = -1;

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "The most memory it may use")
    private @Nullable ByteSize memory;

    @Option(names = "--cpus", paramLabel = "NUMBER", description = "How many processors' time it may use")
    private @Nullable Double cpus;

    @Option(
            names = "--pids-limit",
            paramLabel = "NUMBER",
            description = "The most processes it may have; -1 for no limit")
    private @Nullable Long pidsLimit;

    @Option(names = "--privileged", description = "Give it every capability and device")
    private boolean privileged;

    @Option(names = "--cap-add", paramLabel = "CAPABILITY", split = ",", description = "Add a capability, or all")
    private List<String> addedCapabilities = new ArrayList<>();

    @Option(names = "--cap-drop", paramLabel = "CAPABILITY", split = ",", description = "Drop a capability, or all")
    private List<String> droppedCapabilities = new ArrayList<>();

    void addTo(CreateOptions options) {
        if (memory != null) {
            options.memoryBytes(memory.bytes());
        }
        if (cpus != null) {
            options.cpus(cpus);
        }
        if (pidsLimit != null) {
            options.pidsLimit(pidsLimit <= 0 ? UNLIMITED : pidsLimit);
        }
        options.privileged(privileged);
        addedCapabilities.forEach(options::addCapability);
        droppedCapabilities.forEach(options::dropCapability);
    }
}
