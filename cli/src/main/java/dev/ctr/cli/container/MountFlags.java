package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.ByteSize;
import dev.ctr.cli.value.MountFlag;
import dev.ctr.cli.value.Volumes;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.StorageOptions.ImageVolumes;
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
            description = "Mount a bind, volume, tmpfs, image or devpts: src=, dst=, ro, tmpfs-size= ...")
    private List<String> mounts = new ArrayList<>();

    @Option(names = "--tmpfs", paramLabel = "DIR[:OPTIONS]", description = "Mount a tmpfs")
    private List<String> temporaryFileSystems = new ArrayList<>();

    @Option(names = "--shm-size", paramLabel = "SIZE", description = "The size of /dev/shm (default: 65536000)")
    private @Nullable ByteSize shmSize;

    @Option(
            names = "--volumes-from",
            paramLabel = "CONTAINER[:OPTIONS]",
            description = "Mount what another container mounts, as ro or rw")
    private List<String> lenders = new ArrayList<>();

    @Option(
            names = "--image-volume",
            paramLabel = "bind|tmpfs|ignore",
            description = "What the image's volumes are: volumes (bind), tmpfs, or nothing (default: bind)")
    private @Nullable String imageVolume;

    @Option(
            names = "--read-only-tmpfs",
            defaultValue = "true",
            fallbackValue = "true",
            description = "With --read-only: mount tmpfs at /run, /tmp and /var/tmp (default: true)")
    private boolean readOnlyTmpfs = true;

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
        options.storage().readOnlyTmpfs(readOnlyTmpfs);
        lenders.stream().map(Volumes::parseLender).forEach(options.storage()::volumesFrom);
        CreateFlags.set(imageVolume, value -> options.storage().imageVolumes(imageVolumes(value)));
    }

    private static ImageVolumes imageVolumes(String value) {
        return switch (value) {
            case "bind", "anonymous" -> ImageVolumes.ANONYMOUS;
            case "tmpfs" -> ImageVolumes.TMPFS;
            case "ignore" -> ImageVolumes.IGNORE;
            default ->
                throw new Failure("invalid image volume mode \"" + value + "\" required value: bind, tmpfs, ignore");
        };
    }
}
