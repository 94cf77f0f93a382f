package dev.ctr.cli.container;

import dev.ctr.cli.value.KeyValue;
import dev.ctr.cli.value.UlimitFlag;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.ResourceOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much of its host a container that is to be created may use. */
final class LimitFlags {
    @Mixin
    private CgroupFlags cgroup = new CgroupFlags();

    @Option(names = "--oom-score-adj", paramLabel = "NUMBER", description = "How readily it is killed, -1000 to 1000")
    private @Nullable Integer oomScoreAdjustment;

    @Option(
            names = "--ulimit",
            paramLabel = "NAME=SOFT[:HARD]",
            description = "Limit a resource of its processes; host takes this process's limits")
    private List<String> ulimits = new ArrayList<>();

    @Option(names = "--sysctl", paramLabel = "KEY=VALUE", description = "Set a kernel parameter of its namespaces")
    private List<String> sysctls = new ArrayList<>();

    @Option(names = "--cgroup-conf", paramLabel = "FILE=VALUE", description = "Write a file of its cgroup (cgroup v2)")
    private List<String> cgroupFiles = new ArrayList<>();

    void addTo(CreateOptions options) {
        ResourceOptions resources = options.resources();
        cgroup.addTo(resources);
        CreateFlags.set(oomScoreAdjustment, resources::oomScoreAdjustment);
        ulimits.stream().map(UlimitFlag::parse).forEach(resources::ulimit);
        sysctls.stream().map(KeyValue::parse).forEach(pair -> resources.sysctl(pair.key(), pair.value()));
        cgroupFiles.stream().map(KeyValue::parse).forEach(pair -> resources.unified(pair.key(), pair.value()));
    }
}
