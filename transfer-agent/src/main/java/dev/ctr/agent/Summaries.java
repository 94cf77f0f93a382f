package dev.ctr.agent;

import com.google.protobuf.Timestamp;
import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.ContainerSummary;
import dev.ctr.lifecycle.PodId;
import dev.ctr.lifecycle.network.PortMapping;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Puts what is known of a container into a message and takes it out again. */
final class Summaries {
    private Summaries() {}

    static dev.ctr.proto.agent.ContainerSummary toMessage(ContainerSummary container) {
        dev.ctr.proto.agent.ContainerSummary.Builder message = dev.ctr.proto.agent.ContainerSummary.newBuilder()
                .setId(container.id().hex())
                .setName(container.name())
                .setImageName(container.imageName().orElse(""))
                .setImageId(container.imageId().orElse(""))
                .addAllCommand(container.command())
                .setStatus(container.status().word())
                .setExitCode(container.exitCode())
                .setPid(container.pid())
                .setCreatedAt(timestamp(container.createdAt()))
                .putAllLabels(container.labels())
                .addAllNetworks(container.networks())
                .addAllMounts(container.mounts())
                .setPod(container.pod().map(PodId::hex).orElse(""))
                .setInfra(container.infra())
                .setAutoRemove(container.autoRemove());
        container.startedAt().ifPresent(moment -> message.setStartedAt(timestamp(moment)));
        container.finishedAt().ifPresent(moment -> message.setFinishedAt(timestamp(moment)));
        container.ports().forEach(port -> message.addPorts(port(port)));
        return message.build();
    }

    /** Fails like the types themselves where the message holds what none of them can be. */
    static ContainerSummary fromMessage(dev.ctr.proto.agent.ContainerSummary message) {
        return new ContainerSummary(
                new ContainerId(message.getId()),
                message.getName(),
                given(message.getImageName()),
                given(message.getImageId()),
                List.copyOf(message.getCommandList()),
                ContainerStatus.ofWord(message.getStatus()),
                message.getExitCode(),
                message.getPid(),
                instant(message.getCreatedAt()),
                message.hasStartedAt() ? Optional.of(instant(message.getStartedAt())) : Optional.empty(),
                message.hasFinishedAt() ? Optional.of(instant(message.getFinishedAt())) : Optional.empty(),
                message.getPortsList().stream().map(Summaries::port).toList(),
                message.getLabelsMap(),
                List.copyOf(message.getNetworksList()),
                List.copyOf(message.getMountsList()),
                given(message.getPod()).map(PodId::new),
                message.getInfra(),
                message.getAutoRemove());
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Timestamp timestamp(Instant moment) {
        return Timestamp.newBuilder()
                .setSeconds(moment.getEpochSecond())
                .setNanos(moment.getNano())
                .build();
    }

    private static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    private static dev.ctr.proto.agent.ContainerSummary.Port port(PortMapping port) {
        return dev.ctr.proto.agent.ContainerSummary.Port.newBuilder()
                .setHostIp(port.hostIp())
                .setContainerPort(port.containerPort())
                .setHostPort(port.hostPort())
                .setRange(port.range())
                .setProtocol(port.protocol())
                .build();
    }

    private static PortMapping port(dev.ctr.proto.agent.ContainerSummary.Port port) {
        return new PortMapping(
                port.getHostIp(), port.getContainerPort(), port.getHostPort(), port.getRange(), port.getProtocol());
    }
}
