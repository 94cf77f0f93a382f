package dev.ctr.agent.migration;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.ctr.criu.CpuFeatures;
import dev.ctr.criu.Criu;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerConfig;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageDelivery;
import dev.ctr.lifecycle.image.Platform;
import dev.ctr.lifecycle.network.PortMapping;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Network;
import dev.ctr.proto.migration.Port;
import dev.ctr.proto.migration.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the target is told of a container before anything is touched. */
final class ContainerDescription {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerDescription.class);
    private static final Path KERNEL_RELEASE = Path.of("/proc/sys/kernel/osrelease");

    private ContainerDescription() {}

    static Description of(Engine engine, Container container) throws IOException, InterruptedException {
        ContainerConfig config = container.config();
        Optional<Image> image = config.imageId().flatMap(id -> engine.images().find(id));
        Description.Builder description = Description.newBuilder()
                .setId(config.id().hex())
                .setName(config.name())
                .setImageId(config.imageId().orElse(""))
                .setImageName(config.imageName().orElse(""))
                .setImageBytes(image.map(Image::size).orElse(0L))
                .setArchitecture(Platform.host().arch())
                .addAllCpuFeatures(CpuFeatures.ofThisHost())
                .setCriuVersion(criuVersion())
                .setCriuCpuinfo(cpuInfo(engine))
                .setKernelRelease(Files.readString(KERNEL_RELEASE).strip())
                .setRuntime(Path.of(config.runtime()).getFileName().toString())
                .setMemoryBytes(ProcessMemory.resident(container.state().pid()))
                .setRootfsBytes(orZero(container::rwSize))
                .setRemoveOnExit(config.removeOnExit())
                .setCgroupV2(Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")))
                .setConfig(ByteString.copyFrom(config.toJson().toString(), StandardCharsets.UTF_8));
        image.ifPresent(found ->
                new ImageDelivery(engine.images()).sizes(found).forEach((blob, bytes) -> description
                        .addImageBlobs(blob.hex())
                        .addImageBlobBytes(bytes)));
        JsonNode joined = container.inspect().at("/NetworkSettings/Networks");
        for (String network : config.networks().keySet()) {
            description.addNetworks(network(network, joined.path(network)));
        }
        for (PortMapping port : config.ports()) {
            description.addPorts(Port.newBuilder()
                    .setHostIp(port.hostIp())
                    .setHostPort(port.hostPort())
                    .setProtocol(port.protocol())
                    .setRange(port.range()));
        }
        for (ContainerConfig.NamedVolume volume : config.namedVolumes()) {
            description.addVolumes(Volume.newBuilder()
                    .setName(volume.name())
                    .setBytes(engine.volumes()
                            .find(volume.name())
                            .map(found -> orZero(() -> TreeSize.of(found.directory())))
                            .orElse(0L)));
        }
        return description.build();
    }

    /** @param joined what the container has there, in podman's form */
    private static Network network(String name, JsonNode joined) {
        return Network.newBuilder()
                .setName(name)
                .addAllAddresses(
                        Stream.of(joined.path("IPAddress").asText(), joined.path("GlobalIPv6Address").asText())
                                .filter(address -> !address.isEmpty())
                                .toList())
                .setMac(joined.path("MacAddress").asText())
                .build();
    }

    /** CRIU's account of the processor; without one the target has only the kernel's to compare. */
    private static ByteString cpuInfo(Engine engine) throws InterruptedException {
        try {
            return new ProcessorAccount(engine.options().runRoot()).own();
        } catch (IOException e) {
            LOG.debug("{}", e.getMessage());
            return ByteString.EMPTY;
        }
    }

    private static String criuVersion() throws IOException, InterruptedException {
        Optional<Criu> criu = Criu.find();
        return criu.isEmpty() ? "" : criu.get().version().toString();
    }

    /** A size that matters for estimates only. */
    private static long orZero(LongSupplier size) {
        try {
            return size.getAsLong();
        } catch (RuntimeException unknown) {
            return 0;
        }
    }
}
