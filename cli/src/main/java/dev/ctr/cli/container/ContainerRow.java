package dev.ctr.cli.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.cli.output.HumanTime;
import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.ContainerConfig;
import dev.ctr.lifecycle.ContainerState;
import dev.ctr.lifecycle.PodId;
import dev.ctr.lifecycle.network.PortMapping;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A container as {@code ctr ps} shows it, with the keys of {@code podman ps --format json}.
 *
 * @param config what it is
 * @param state how it is
 * @param podName its pod's name, if that is asked for; else empty
 * @param sizes of its files, if asked for
 * @param now when that was
 */
record ContainerRow(
        ContainerConfig config, ContainerState state, String podName, Optional<Sizes> sizes, Instant now) {
    /** What Go writes for a time that was never set. */
    private static final long NEVER = -62_135_596_800L;

    private static final int COMMAND_WIDTH = 17;

    /**
     * How large its files are.
     *
     * @param rw bytes that it added or changed
     * @param rootFs bytes that its image has
     */
    record Sizes(long rw, long rootFs) {
        private String shown() {
            return compact(rw) + " (virtual " + compact(rootFs) + ")";
        }

        private static String compact(long bytes) {
            return HumanSize.of(bytes).replace(" ", "");
        }
    }

    Report.Row toRow(boolean truncate) {
        ObjectNode json = json();
        ObjectNode fields = json.deepCopy();
        fields.put("ID", truncate ? config.id().abbreviated() : config.id().hex());
        fields.put("Command", command(truncate));
        fields.put("Created", config.createdAt().toString());
        fields.put("CreatedAt", config.createdAt().toString());
        fields.put("CreatedHuman", HumanTime.ago(config.createdAt(), now));
        fields.put("RunningFor", HumanTime.ago(config.createdAt(), now));
        fields.put("Names", config.name());
        fields.put("Networks", String.join(",", config.networks().keySet()));
        fields.put("Ports", ports(config.ports()));
        fields.put(
                "Pod",
                config.pod().map(id -> truncate ? id.abbreviated() : id.hex()).orElse(""));
        fields.put("Size", sizes.map(Sizes::shown).orElse(""));
        fields.put("State", status());
        config.labels().forEach(fields.putObject("Labels")::put);
        return new Report.Row(json, fields);
    }

    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        boolean exited = state.status().hasEnded();
        json.put("AutoRemove", config.removeOnExit());
        texts(json.putArray("Command"), config.command());
        json.put("CreatedAt", HumanTime.ago(config.createdAt(), now));
        json.put("Exited", exited);
        json.put("ExitedAt", seconds(state.finishedAt()));
        json.put("ExitCode", state.exitCode());
        json.put("Id", config.id().hex());
        json.put("Image", config.imageName().orElse(""));
        json.put("ImageID", config.imageId().orElse(""));
        json.put("IsInfra", config.isInfra());
        if (config.labels().isEmpty()) {
            json.putNull("Labels");
        } else {
            config.labels().forEach(json.putObject("Labels")::put);
        }
        ArrayNode mounts = json.putArray("Mounts");
        config.toJson().path("userVolumes").forEach(mounts::add);
        json.putArray("Names").add(config.name());
        json.putObject("Namespaces");
        texts(json.putArray("Networks"), config.networks().keySet());
        json.put("Pid", state.pid());
        json.put("Pod", config.pod().map(PodId::hex).orElse(""));
        json.put("PodName", podName);
        addPorts(json);
        if (sizes.isPresent()) {
            json.putObject("Size")
                    .put("rootFsSize", sizes.get().rootFs())
                    .put("rwSize", sizes.get().rw());
        } else {
            json.putNull("Size");
        }
        json.put("StartedAt", seconds(state.startedAt()));
        json.put("State", state.status().word());
        json.put("Status", status());
        json.put("Created", config.createdAt().getEpochSecond());
        return json;
    }

    private static void texts(ArrayNode array, Iterable<String> texts) {
        texts.forEach(array::add);
    }

    private void addPorts(ObjectNode json) {
        if (config.ports().isEmpty()) {
            json.putNull("Ports");
            return;
        }
        ArrayNode ports = json.putArray("Ports");
        for (PortMapping port : config.ports()) {
            ports.addObject()
                    .put("host_ip", port.hostIp())
                    .put("container_port", port.containerPort())
                    .put("host_port", port.hostPort())
                    .put("range", port.range())
                    .put("protocol", port.protocol());
        }
    }

    private static long seconds(Optional<Instant> moment) {
        return moment.map(Instant::getEpochSecond).orElse(NEVER);
    }

    /** {@code Up 5 seconds}, {@code Exited (0) 3 minutes ago}, {@code Created}. */
    private String status() {
        return switch (state.status()) {
            case RUNNING -> "Up " + since(state.startedAt());
            case STOPPED, EXITED -> "Exited (" + state.exitCode() + ") " + since(state.finishedAt()) + " ago";
            default -> capitalized(state.status().word());
        };
    }

    private String since(Optional<Instant> moment) {
        return HumanTime.of(Duration.between(moment.orElse(config.createdAt()), now));
    }

    private static String capitalized(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    private String command(boolean truncate) {
        String line = String.join(" ", config.command()).replace('\n', ' ').replace('\t', ' ');
        return truncate && line.length() > COMMAND_WIDTH + 3 ? line.substring(0, COMMAND_WIDTH) + "..." : line;
    }

    /** {@code 0.0.0.0:8080->80/tcp, 127.0.0.1:53-54->53-54/udp}. */
    static String ports(List<PortMapping> ports) {
        return ports.stream().map(ContainerRow::port).collect(Collectors.joining(", "));
    }

    private static String port(PortMapping port) {
        String ip = port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp();
        return ip + ":" + range(port.hostPort(), port.range()) + "->" + range(port.containerPort(), port.range()) + "/"
                + port.protocol();
    }

    private static String range(int first, int count) {
        return count == 1 ? String.valueOf(first) : first + "-" + (first + count - 1);
    }
}
