package dev.ctr.cli.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.cli.output.HumanTime;
import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.ContainerSummary;
import dev.ctr.lifecycle.PodId;
import dev.ctr.lifecycle.network.PortMapping;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A container of this host or another's as {@code ctr ps} shows it, with the keys of {@code podman ps --format json}.
 *
 * @param container what is known of it
 * @param podName its pod's name, if that is asked for; else empty
 * @param sizes of its files, if asked for
 * @param now when that was
 */
public record SummaryRow(ContainerSummary container, String podName, Optional<Sizes> sizes, Instant now) {
    public static final Report REPORT = new Report(
            "{{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.RunningFor}}\\t{{.Status}}\\t{{.Ports}}\\t{{.Names}}",
            Map.ofEntries(
                    Map.entry("ID", "CONTAINER ID"),
                    Map.entry("Id", "CONTAINER ID"),
                    Map.entry("Image", "IMAGE"),
                    Map.entry("ImageID", "IMAGE ID"),
                    Map.entry("Command", "COMMAND"),
                    Map.entry("Created", "CREATED"),
                    Map.entry("CreatedAt", "CREATED AT"),
                    Map.entry("CreatedHuman", "CREATED"),
                    Map.entry("RunningFor", "CREATED"),
                    Map.entry("Status", "STATUS"),
                    Map.entry("State", "STATE"),
                    Map.entry("Ports", "PORTS"),
                    Map.entry("Names", "NAMES"),
                    Map.entry("Networks", "NETWORKS"),
                    Map.entry("Labels", "LABELS"),
                    Map.entry("Mounts", "MOUNTS"),
                    Map.entry("Pid", "PID"),
                    Map.entry("Pod", "POD ID"),
                    Map.entry("PodName", "PODNAME"),
                    Map.entry("Size", "SIZE"),
                    Map.entry("ExitCode", "EXIT CODE")));

    /** What Go writes for a time that was never set. */
    private static final long NEVER = -62_135_596_800L;

    private static final int COMMAND_WIDTH = 17;

    /**
     * How large its files are.
     *
     * @param rw bytes that it added or changed
     * @param rootFs bytes that its image has
     */
    public record Sizes(long rw, long rootFs) {
        private String shown() {
            return compact(rw) + " (virtual " + compact(rootFs) + ")";
        }

        private static String compact(long bytes) {
            return HumanSize.of(bytes).replace(" ", "");
        }
    }

    /** The row; {@code truncate} shortens IDs and commands. */
    public Report.Row toRow(boolean truncate) {
        ObjectNode json = json();
        ObjectNode fields = json.deepCopy();
        fields.put(
                "ID", truncate ? container.id().abbreviated() : container.id().hex());
        fields.put("Command", command(truncate));
        fields.put("Created", container.createdAt().toString());
        fields.put("CreatedAt", container.createdAt().toString());
        fields.put("CreatedHuman", HumanTime.ago(container.createdAt(), now));
        fields.put("RunningFor", HumanTime.ago(container.createdAt(), now));
        fields.put("Names", container.name());
        fields.put("Networks", String.join(",", container.networks()));
        fields.put("Ports", ports(container.ports()));
        fields.put(
                "Pod",
                container
                        .pod()
                        .map(id -> truncate ? id.abbreviated() : id.hex())
                        .orElse(""));
        fields.put("Size", sizes.map(Sizes::shown).orElse(""));
        fields.put("State", status());
        container.labels().forEach(fields.putObject("Labels")::put);
        return new Report.Row(json, fields);
    }

    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        boolean exited = container.status().hasEnded();
        json.put("AutoRemove", container.autoRemove());
        texts(json.putArray("Command"), container.command());
        json.put("CreatedAt", HumanTime.ago(container.createdAt(), now));
        json.put("Exited", exited);
        json.put("ExitedAt", seconds(container.finishedAt()));
        json.put("ExitCode", container.exitCode());
        json.put("Id", container.id().hex());
        json.put("Image", container.imageName().orElse(""));
        json.put("ImageID", container.imageId().orElse(""));
        json.put("IsInfra", container.infra());
        if (container.labels().isEmpty()) {
            json.putNull("Labels");
        } else {
            container.labels().forEach(json.putObject("Labels")::put);
        }
        texts(json.putArray("Mounts"), container.mounts());
        json.putArray("Names").add(container.name());
        json.putObject("Namespaces");
        texts(json.putArray("Networks"), container.networks());
        json.put("Pid", container.pid());
        json.put("Pod", container.pod().map(PodId::hex).orElse(""));
        json.put("PodName", podName);
        addPorts(json);
        if (sizes.isPresent()) {
            json.putObject("Size")
                    .put("rootFsSize", sizes.get().rootFs())
                    .put("rwSize", sizes.get().rw());
        } else {
            json.putNull("Size");
        }
        json.put("StartedAt", seconds(container.startedAt()));
        json.put("State", container.status().word());
        json.put("Status", status());
        json.put("Created", container.createdAt().getEpochSecond());
        return json;
    }

    private static void texts(ArrayNode array, Iterable<String> texts) {
        texts.forEach(array::add);
    }

    private void addPorts(ObjectNode json) {
        if (container.ports().isEmpty()) {
            json.putNull("Ports");
            return;
        }
        ArrayNode ports = json.putArray("Ports");
        for (PortMapping port : container.ports()) {
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
        return switch (container.status()) {
            case RUNNING -> "Up " + since(container.startedAt());
            case STOPPED, EXITED -> "Exited (" + container.exitCode() + ") " + since(container.finishedAt()) + " ago";
            default -> capitalized(container.status().word());
        };
    }

    private String since(Optional<Instant> moment) {
        return HumanTime.of(Duration.between(moment.orElse(container.createdAt()), now));
    }

    private static String capitalized(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    private String command(boolean truncate) {
        String line = String.join(" ", container.command()).replace('\n', ' ').replace('\t', ' ');
        return truncate && line.length() > COMMAND_WIDTH + 3 ? line.substring(0, COMMAND_WIDTH) + "..." : line;
    }

    /** {@code 0.0.0.0:8080->80/tcp, 127.0.0.1:53-54->53-54/udp}. */
    static String ports(List<PortMapping> ports) {
        return ports.stream().map(SummaryRow::port).collect(Collectors.joining(", "));
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
