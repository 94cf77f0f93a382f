package dev.ctr.cli.pod;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.output.HumanTime;
import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerConfig;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.PodConfig;
import dev.ctr.lifecycle.PodStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A pod as {@code ctr pod ps} shows it, with the keys of {@code podman pod ps --format json}.
 *
 * @param config what it is
 * @param status how it is
 * @param members its containers, sorted by ID as podman does
 * @param now when that was
 */
record PodRow(PodConfig config, PodStatus status, List<Member> members, Instant now) {
    /** A container of the pod. */
    record Member(ContainerConfig config, ContainerStatus status) {}

    /** The pod as it is now; empty if it was removed meanwhile. */
    static Optional<PodRow> of(Pod pod, Instant now) {
        try {
            List<Member> members = new ArrayList<>();
            for (Container container : pod.containers()) {
                members.add(new Member(container.config(), container.state().status()));
            }
            members.sort(
                    (a, b) -> a.config().id().hex().compareTo(b.config().id().hex()));
            return Optional.of(new PodRow(pod.config(), pod.status(), members, now));
        } catch (EngineException e) {
            return switch (e.code()) {
                case NO_SUCH_CONTAINER, NO_SUCH_POD -> Optional.empty();
                default -> throw e;
            };
        }
    }

    List<String> networks() {
        return members.stream()
                .map(Member::config)
                .filter(ContainerConfig::isInfra)
                .flatMap(infra -> infra.networks().keySet().stream())
                .toList();
    }

    private String infra() {
        return config.infra().map(Object::toString).orElse("");
    }

    Report.Row toRow(boolean truncate) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        for (String key : List.of("ID", "Id")) {
            fields.put(key, shortened(config.id().hex(), truncate));
        }
        for (String key : List.of("InfraID", "InfraId")) {
            fields.put(key, shortened(infra(), truncate));
        }
        fields.put("Name", config.name());
        fields.put("Namespace", "");
        fields.put("Status", status.word());
        fields.put("Created", HumanTime.ago(config.createdAt(), now));
        fields.put("Cgroup", config.cgroupParent());
        fields.put("Networks", String.join(",", networks()));
        fields.put("NumberOfContainers", members.size());
        fields.put(
                "ContainerIds", joined(member -> shortened(member.config().id().hex(), truncate)));
        fields.put("ContainerNames", joined(member -> member.config().name()));
        fields.put("ContainerStatuses", joined(member -> member.status().word()));
        config.labels().forEach(fields.putObject("Labels")::put);
        return new Report.Row(json(), fields);
    }

    private String joined(Function<Member, String> part) {
        return members.stream().map(part).collect(Collectors.joining(","));
    }

    private static String shortened(String id, boolean truncate) {
        return truncate && id.length() > 12 ? id.substring(0, 12) : id;
    }

    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("Cgroup", config.cgroupParent());
        ArrayNode containers = json.putArray("Containers");
        members.forEach(member -> containers
                .addObject()
                .put("Id", member.config().id().hex())
                .put("Names", member.config().name())
                .put("Status", member.status().word()));
        json.put("Created", config.createdAt().toString());
        json.put("Id", config.id().hex());
        json.put("InfraId", infra());
        json.put("Name", config.name());
        json.put("Namespace", "");
        networks().forEach(json.putArray("Networks")::add);
        json.put("Status", status.word());
        config.labels().forEach(json.putObject("Labels")::put);
        return json;
    }
}
