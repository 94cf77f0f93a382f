package dev.ctr.lifecycle.event;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Something that happened.
 *
 * @param time when
 * @param type to what kind of thing
 * @param status what
 * @param id the thing's ID; for a network that a container joins or leaves, the container's; empty where there is none
 * @param name the thing's name; for an image the name or file that was used
 * @param image the name of a container's image; empty for everything else
 * @param network the network that a container joins or leaves; otherwise empty
 * @param podId the pod that a container belongs to; otherwise empty
 * @param exitCode of a program that has ended
 * @param attributes the thing's labels
 */
public record Event(
        Instant time,
        EventType type,
        EventStatus status,
        String id,
        String name,
        String image,
        String network,
        String podId,
        OptionalInt exitCode,
        Map<String, String> attributes) {

    public Event {
        attributes = Map.copyOf(attributes);
    }

    /** Something that happened just now. */
    public static Event of(EventType type, EventStatus status, String id, String name) {
        return new Event(Instant.now(), type, status, id, name, "", "", "", OptionalInt.empty(), Map.of());
    }

    /** The same with a container's image. */
    public Event withImage(String imageName) {
        return new Event(time, type, status, id, name, imageName, network, podId, exitCode, attributes);
    }

    /** The same with the network that a container joins or leaves. */
    public Event withNetwork(String networkName) {
        return new Event(time, type, status, id, name, image, networkName, podId, exitCode, attributes);
    }

    /** The same with the pod that a container belongs to. */
    public Event withPod(String pod) {
        return new Event(time, type, status, id, name, image, network, pod, exitCode, attributes);
    }

    /** The same with the exit code of a program that has ended. */
    public Event withExitCode(int code) {
        return new Event(time, type, status, id, name, image, network, podId, OptionalInt.of(code), attributes);
    }

    /** The same with labels. */
    public Event withAttributes(Map<String, String> labels) {
        return new Event(time, type, status, id, name, image, network, podId, exitCode, labels);
    }

    /** The attributes in the order in which they are shown. */
    public Map<String, String> sortedAttributes() {
        return new TreeMap<>(attributes);
    }
}
