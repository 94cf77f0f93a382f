package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A pod's configuration: a typed, immutable view of libpod's {@code PodConfig} JSON (libpod/pod.go). */
public final class PodConfig {
    /** libpod's keys for what is shared. */
    private static final Map<NamespaceKind, String> SHARES = new EnumMap<>(Map.of(
            NamespaceKind.IPC, "sharesIpc",
            NamespaceKind.NET, "sharesNet",
            NamespaceKind.PID, "sharesPid",
            NamespaceKind.UTS, "sharesUts",
            NamespaceKind.USER, "sharesUser",
            NamespaceKind.MOUNT, "sharesMnt",
            NamespaceKind.CGROUP, "sharesCgroupNS"));

    private static final String INFRA = "infraContainerID";
    private static final String REMOVING = "ctrRemoving";

    private final ObjectNode json;

    private PodConfig(ObjectNode json) {
        this.json = json;
    }

    /** Takes over a copy of the JSON. */
    static PodConfig of(ObjectNode json) {
        return new PodConfig(json.deepCopy());
    }

    /** A new pod, before it has its infra container. */
    static PodConfig of(PodOptions options, PodId id, String name, String cgroupParent, Instant created) {
        ObjectNode json = Json.object();
        json.put("id", id.hex());
        json.put("name", name);
        json.put("hostname", options.hostname());
        json.set("labels", Json.MAPPER.valueToTree(options.labels));
        json.put("cgroupParent", cgroupParent);
        json.put("sharesCgroup", options.shareParent && options.hasInfra());
        options.shared().forEach(kind -> json.put(SHARES.get(kind), true));
        json.put("hasInfra", options.hasInfra());
        json.put("created", created.toString());
        json.set("CreateCommand", Json.array(options.createCommand));
        json.put("ExitPolicy", options.exitPolicy);
        return new PodConfig(json);
    }

    private PodConfig with(Consumer<ObjectNode> change) {
        ObjectNode copy = json.deepCopy();
        change.accept(copy);
        return new PodConfig(copy);
    }

    PodConfig withInfra(ContainerId infra) {
        return with(copy -> copy.put(INFRA, infra.hex()));
    }

    /** Notes that its removal has begun; one whose process died meanwhile is finished by the next removal. */
    PodConfig removing(boolean begun) {
        return with(copy -> copy.put(REMOVING, begun));
    }

    boolean isRemoving() {
        return json.path(REMOVING).asBoolean();
    }

    /** A copy of the JSON. */
    ObjectNode toJson() {
        return json.deepCopy();
    }

    public PodId id() {
        return new PodId(json.path("id").asText());
    }

    public String name() {
        return json.path("name").asText();
    }

    /** The hostname that was asked for; empty for the pod's name. */
    public String hostname() {
        return json.path("hostname").asText("");
    }

    public Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> label : json.path("labels").properties()) {
            labels.put(label.getKey(), label.getValue().asText());
        }
        return labels;
    }

    public Instant createdAt() {
        return OffsetDateTime.parse(json.path("created").asText()).toInstant();
    }

    public List<String> createCommand() {
        return Json.strings(json.path("CreateCommand"));
    }

    /** What happens when the last member has ended: {@code continue}, or {@code stop} to end the infra container too. */
    public String exitPolicy() {
        return json.path("ExitPolicy").asText("continue");
    }

    /** The kinds of namespaces that its members share. */
    public Set<NamespaceKind> shared() {
        Set<NamespaceKind> shared = EnumSet.noneOf(NamespaceKind.class);
        SHARES.forEach((kind, key) -> {
            if (json.path(key).asBoolean()) {
                shared.add(kind);
            }
        });
        return Collections.unmodifiableSet(shared);
    }

    public boolean hasInfra() {
        return json.path("hasInfra").asBoolean();
    }

    /** The container that holds what is shared. */
    public Optional<ContainerId> infra() {
        return Optional.of(json.path(INFRA).asText(""))
                .filter(id -> !id.isEmpty())
                .map(ContainerId::new);
    }

    /** The cgroup below which the pod has its own. */
    public String cgroupParent() {
        return json.path("cgroupParent").asText();
    }

    /** The pod's cgroup, below which its members have theirs; empty if they are where other containers are. */
    public Optional<String> cgroup() {
        return json.path("sharesCgroup").asBoolean() ? Optional.of(cgroupParent() + "/" + id()) : Optional.empty();
    }
}
