package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The part of {@code podman inspect}'s HostConfig that tells what a container may use and do. */
final class LimitsInspection {
    private static final int UNSET = -1;
    private static final String ANNOTATION = "io.podman.annotations.";

    /** The keys of the specification's {@code blockIO} by those of the inspection. */
    private static final Map<String, String> THROTTLES = Map.of(
            "BlkioDeviceReadBps", "throttleReadBpsDevice",
            "BlkioDeviceWriteBps", "throttleWriteBpsDevice",
            "BlkioDeviceReadIOps", "throttleReadIOPSDevice",
            "BlkioDeviceWriteIOps", "throttleWriteIOPSDevice");

    private final ContainerConfig config;

    LimitsInspection(ContainerConfig config) {
        this.config = config;
    }

    /** Puts what the container may use. */
    void putInto(ObjectNode json) {
        putResources(json);
        putDisks(json);
        putUlimits(json);
    }

    private void putResources(ObjectNode json) {
        JsonNode resources = config.spec().path("linux").path("resources");
        JsonNode cpu = resources.path("cpu");
        long period = cpu.path("period").asLong();
        long quota = cpu.path("quota").asLong();
        json.put("NanoCpus", period == 0 ? 0 : quota * 1_000_000_000 / period);
        json.put("CpuPeriod", period);
        json.put("CpuQuota", quota);
        json.put("CpuRealtimePeriod", cpu.path("realtimePeriod").asLong());
        json.put("CpuRealtimeRuntime", cpu.path("realtimeRuntime").asLong());
        json.put("CpuShares", cpu.path("shares").asLong());
        json.put("CpusetCpus", cpu.path("cpus").asText(""));
        json.put("CpusetMems", cpu.path("mems").asText(""));
        JsonNode memory = resources.path("memory");
        json.put("Memory", memory.path("limit").asLong());
        json.put("MemoryReservation", memory.path("reservation").asLong());
        json.put("MemorySwap", memory.path("swap").asLong());
        json.put("MemorySwappiness", memory.path("swappiness").asLong(memory.isEmpty() ? 0 : UNSET));
        json.put("KernelMemory", memory.path("kernel").asLong());
        json.put("OomKillDisable", memory.path("disableOOMKiller").asBoolean());
        json.put("PidsLimit", resources.path("pids").path("limit").asLong());
        json.put("BlkioWeight", resources.path("blockIO").path("weight").asLong());
    }

    private void putUlimits(ObjectNode json) {
        ArrayNode limits = json.putArray("Ulimits");
        for (JsonNode limit : config.spec().path("process").path("rlimits")) {
            limits.addObject()
                    .put("Name", limit.path("type").asText())
                    .put("Soft", limit.path("soft").asLong())
                    .put("Hard", limit.path("hard").asLong());
        }
    }

    private void putDisks(ObjectNode json) {
        JsonNode disks = config.spec().path("linux").path("resources").path("blockIO");
        if (disks.isEmpty()) {
            json.putNull("BlkioWeightDevice");
            THROTTLES.keySet().forEach(json::putNull);
            return;
        }
        json.set("BlkioWeightDevice", rates(disks.path("weightDevice"), "weight", "Weight"));
        THROTTLES.forEach((key, from) -> json.set(key, rates(disks.path(from), "rate", "Rate")));
    }

    private static ArrayNode rates(JsonNode devices, String from, String to) {
        ArrayNode rates = Json.MAPPER.createArrayNode();
        for (JsonNode device : devices) {
            rates.addObject()
                    .put("Path", pathOf("block", device))
                    .put(to, device.path(from).asLong());
        }
        return rates;
    }

    /** What differs from the capabilities of a container that asks for nothing. */
    void putCapabilities(ObjectNode json) {
        List<String> bounding =
                Json.strings(config.spec().path("process").path("capabilities").path("bounding"));
        List<String> standard = Capabilities.granted(false, List.of(), List.of());
        boolean told = !config.privileged();
        json.set("CapAdd", Json.array(told ? without(bounding, standard) : List.of()));
        json.set("CapDrop", Json.array(told ? without(standard, bounding) : List.of()));
    }

    private static List<String> without(List<String> names, List<String> others) {
        return names.stream().filter(name -> !others.contains(name)).toList();
    }

    List<String> securityOptions() {
        List<String> options = new ArrayList<>();
        if (config.spec().path("process").path("noNewPrivileges").asBoolean()) {
            options.add("no-new-privileges");
        }
        for (String name : List.of("label", "seccomp", "apparmor")) {
            String value = config.annotations().get(ANNOTATION + name);
            if (value != null) {
                options.add(name + "=" + value);
            }
        }
        return options;
    }

    ArrayNode devices() {
        ArrayNode devices = Json.MAPPER.createArrayNode();
        if (config.privileged()) {
            return devices;
        }
        for (JsonNode device : config.spec().path("linux").path("devices")) {
            String kind = device.path("type").asText().equals("b") ? "block" : "char";
            devices.addObject()
                    .put("PathOnHost", pathOf(kind, device))
                    .put("PathInContainer", device.path("path").asText())
                    .put("CgroupPermissions", "");
        }
        return devices;
    }

    /** The kernel's name of a device; empty if this host has it no more. */
    private static String pathOf(String kind, JsonNode device) {
        String number =
                device.path("major").asLong() + ":" + device.path("minor").asLong();
        Path event = Path.of("/sys/dev", kind, number, "uevent");
        try {
            return Files.readAllLines(event).stream()
                    .filter(line -> line.startsWith("DEVNAME="))
                    .map(line -> "/dev/" + line.substring("DEVNAME=".length()))
                    .findFirst()
                    .orElse("");
        } catch (IOException gone) {
            return "";
        }
    }
}
