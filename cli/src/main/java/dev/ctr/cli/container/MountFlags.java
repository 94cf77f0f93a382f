package dev.ctr.cli.container;

import dev.ctr.cli.value.ByteSize;
import dev.ctr.cli.value.MountFlag;
import dev.ctr.cli.value.Volumes;
import dev.ctr.lifecycle.CreateOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is mounted into a container that is to be created. */
final class MountFlags {
    @Option(
            names = {"-v", "--volume"},
            paramLabel = "[SOURCE:]DIR[:OPTIONS]",
            description = "Mount a volume, or a path of the host")
    private List<String> volumes = new ArrayList<>();

    @Option(
            names = "--mount",
            paramLabel = "type=TYPE,KEY=VALUE...",
            description = "Mount a bind, volume or tmpfs: src=, dst=, ro, tmpfs-size= ...")
    private List<String> mounts = new ArrayList<>();

    @Option(names = "--tmpfs", paramLabel = "DIR[:OPTIONS]", description = "Mount a tmpfs")
    private List<String> temporaryFileSystems = new ArrayList<>();

    @Option(names = "--shm-size", paramLabel = "SIZE", description = "The size of /dev/shm (default: 65536000)")
    private @Nullable ByteSize shmSize;

    @Option(names = "--read-only", description = "Make the root file system read-only")
    private boolean readOnly;

    void addTo(CreateOptions options) {
        volumes.stream().map(Volumes::parse).forEach(options::volume);
        mounts.stream().map(MountFlag::parse).forEach(mount -> mount.addTo(options));
        for (String tmpfs : temporaryFileSystems) {
            int colon = tmpfs.indexOf(':');
            String destination = Volumes.containerPath(colon < 0 ? tmpfs : tmpfs.substring(0, colon));
            options.temporaryFileSystem(destination, colon < 0 ? "" : tmpfs.substring(colon + 1));
        }
        if (shmSize != null) {
            options.shmBytes(shmSize.bytes());
        }
        options.readOnly(readOnly);
    }
}
