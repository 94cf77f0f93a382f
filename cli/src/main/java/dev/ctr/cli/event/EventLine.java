package dev.ctr.cli.event;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.event.Event;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** An event as podman shows it to people, and as templates see it. */
final class EventLine {
    private static final DateTimeFormatter TO_SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter ZONE = DateTimeFormatter.ofPattern(" xx z", Locale.ROOT);
    private static final int ABBREVIATED = 12;

    private final Event event;
    private final String id;
    private final ZoneId zone;

    EventLine(Event event, boolean truncated, ZoneId zone) {
        this.event = event;
        this.id = truncated && event.id().length() > ABBREVIATED ? event.id().substring(0, ABBREVIATED) : event.id();
        this.zone = zone;
    }

    String text() {
        String head = time(event.time(), zone) + " " + event.type().word() + " "
                + event.status().word() + " ";
        return switch (event.type()) {
            case CONTAINER, POD -> head + id + " (" + details() + ")";
            case NETWORK -> head + id + " (container=" + id + ", name=" + network() + ")";
            case IMAGE -> head + id + " " + event.name();
            case VOLUME -> head + event.name();
            case SYSTEM -> (head + event.name()).stripTrailing();
        };
    }

    private String network() {
        return event.network().isEmpty() ? event.name() : event.network();
    }

    private String details() {
        StringBuilder details = new StringBuilder("image=" + event.image() + ", name=" + event.name());
        if (!event.podId().isEmpty()) {
            details.append(", pod_id=").append(event.podId());
        }
        event.sortedAttributes()
                .forEach((key, value) ->
                        details.append(", ").append(key).append('=').append(value));
        return details.toString();
    }

    /** As Go prints times: a fraction without the zeros at its end, then the offset and the zone's name. */
    private static String time(Instant time, ZoneId zone) {
        ZonedDateTime local = time.atZone(zone);
        String fraction = local.getNano() == 0
                ? ""
                : "." + String.format(Locale.ROOT, "%09d", local.getNano()).replaceAll("0+$", "");
        return TO_SECONDS.format(local) + fraction + ZONE.format(local);
    }

    /** The fields that a template may ask for; all of them are there. */
    ObjectNode fields() {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        fields.put("ContainerExitCode", event.exitCode().orElse(0));
        fields.put("ID", id);
        fields.put("Image", event.image());
        fields.put("Name", event.name());
        fields.put("Network", event.network());
        fields.put("Status", event.status().word());
        fields.put("Time", time(event.time(), zone));
        fields.put("Type", event.type().word());
        fields.put("PodID", event.podId());
        ObjectNode attributes = fields.putObject("Attributes");
        event.sortedAttributes().forEach(attributes::put);
        return fields;
    }
}
