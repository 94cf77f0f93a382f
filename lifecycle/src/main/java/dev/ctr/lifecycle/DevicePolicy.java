package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.criu.linux.FileNodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which devices of this host a container that comes from elsewhere may use. */
final class DevicePolicy {
    /** Those that every container has: null, zero, full, random, urandom, tty, console, ptmx and its terminals. */
    private static final Set<String> EVERYONES =
            Set.of("c 1:3", "c 1:5", "c 1:7", "c 1:8", "c 1:9", "c 5:0", "c 5:1", "c 5:2", "c 136:*");

    private static final int FILE_TYPE = 0170000;

    private final RestorePolicy policy;

    DevicePolicy(RestorePolicy policy) {
        this.policy = policy;
    }

    /** @throws EngineException with REFUSED_BY_POLICY if the specification's {@code linux} has one that is not granted */
    void accept(JsonNode linux) throws IOException {
        List<String> granted = new ArrayList<>(EVERYONES);
        for (String device : policy.list(RestorePolicy.DEVICES)) {
            if (device.equals(RestorePolicy.ALL)) {
                return;
            }
            number(device).ifPresent(granted::add);
        }
        for (JsonNode node : linux.path("devices")) {
            refuseUnless(granted, "needs the device " + node.path("path").asText(), node);
        }
        for (JsonNode rule : linux.path("resources").path("devices")) {
            // To make a node, without opening it, harms nobody.
            boolean opens = !rule.path("access").asText("rwm").equals("m");
            if (rule.path("allow").asBoolean() && opens) {
                refuseUnless(granted, "may use " + described(rule), rule);
            }
        }
    }

    private static void refuseUnless(List<String> granted, String wish, JsonNode device) {
        if (!granted.contains(text(device))) {
            throw RestorePolicy.refused(wish, RestorePolicy.DEVICES + " naming it, or all,");
        }
    }

    private static String described(JsonNode rule) {
        boolean everything = !rule.has("major") && !rule.has("minor");
        return everything ? "every device of the host (it was privileged)" : "the devices " + text(rule);
    }

    private static String text(JsonNode device) {
        String type = device.path("type").asText("a");
        return (type.equals("u") ? "c" : type) + " " + number(device.path("major")) + ":"
                + number(device.path("minor"));
    }

    private static String number(JsonNode number) {
        return number.canConvertToLong() && number.asLong() >= 0 ? Long.toString(number.asLong()) : "*";
    }

    /** What a path of this host stands for: an archive could call any device by that name. */
    private static Optional<String> number(String path) throws IOException {
        Path node = Path.of(path);
        if (!Files.exists(node)) {
            return Optional.empty();
        }
        int type = (int) Files.getAttribute(node, "unix:mode") & FILE_TYPE;
        long device = (long) Files.getAttribute(node, "unix:rdev");
        String letter = type == FileNodes.S_IFCHR ? "c" : type == FileNodes.S_IFBLK ? "b" : "";
        return letter.isEmpty()
                ? Optional.empty()
                : Optional.of(letter + " " + FileNodes.major(device) + ":" + FileNodes.minor(device));
    }
}
