package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.lifecycle.ResourceOptions.Device;
import dev.ctr.lifecycle.ResourceOptions.DeviceRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** The devices that a container gets: their nodes, and the rules by which its cgroup lets them be used. */
final class DeviceSpec {
    private static final Path HOST_DEVICES = Path.of("/dev");
    private static final int FILE_TYPE = 0170000;
    private static final int PERMISSIONS = 07777;

    /** Directories below /dev that hold no devices, or those of one mount alone; the console is each container's own. */
    private static final Set<String> NOT_LENT =
            Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console");

    private final ArrayNode nodes = Json.MAPPER.createArrayNode();
    private final ArrayNode rules = Json.MAPPER.createArrayNode();

    private DeviceSpec() {}

    static DeviceSpec of(ResourceOptions asked, boolean privileged) {
        DeviceSpec spec = new DeviceSpec();
        spec.rules.addObject().put("allow", privileged).put("access", "rwm");
        try {
            if (privileged) {
                spec.addBelow(HOST_DEVICES, HOST_DEVICES, "");
            }
            for (Device device : asked.devices) {
                spec.add(device);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!privileged) {
            asked.deviceRules.forEach(spec::addRule);
        }
        return spec;
    }

    private void add(Device device) throws IOException {
        Path source = existing(device.hostPath());
        Path target = Path.of(device.containerPath());
        if (Files.isDirectory(source)) {
            addBelow(source, target, device.access());
        } else if (!addNode(source, target, device.access())) {
            throw invalid(device.hostPath() + " is not a device node");
        }
    }

    private static Path existing(String path) throws IOException {
        try {
            return Path.of(path).toRealPath();
        } catch (NoSuchFileException e) {
            throw invalid("the host has no device " + path + ": no such file or directory");
        }
    }

    /** Adds the nodes of a directory and of those in it; links are passed over. */
    private void addBelow(Path source, Path target, String access) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(source)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                boolean isLent = !source.equals(HOST_DEVICES) || !NOT_LENT.contains(name);
                if (isLent && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    addBelow(entry, target.resolve(name), access);
                } else if (isLent) {
                    addNode(entry, target.resolve(name), access);
                }
            }
        }
    }

    /** Adds one node, and a rule for it unless {@code access} is empty; returns whether it is one. */
    private boolean addNode(Path source, Path target, String access) throws IOException {
        Map<String, Object> status = Files.readAttributes(source, "unix:mode,rdev,uid,gid", LinkOption.NOFOLLOW_LINKS);
        int mode = number(status, "mode").intValue();
        String type = type(mode);
        if (type.isEmpty()) {
            return false;
        }
        long device = number(status, "rdev").longValue();
        nodes.addObject()
                .put("path", target.toString())
                .put("type", type)
                .put("major", FileNodes.major(device))
                .put("minor", FileNodes.minor(device))
                .put("fileMode", mode & PERMISSIONS)
                .put("uid", number(status, "uid").intValue())
                .put("gid", number(status, "gid").intValue());
        if (!access.isEmpty()) {
            addRule(new DeviceRule(type, FileNodes.major(device), FileNodes.minor(device), access));
        }
        return true;
    }

    private static Number number(Map<String, Object> status, String name) {
        return status.get(name) instanceof Number number ? number : 0;
    }

    private static String type(int mode) {
        int type = mode & FILE_TYPE;
        return type == FileNodes.S_IFCHR ? "c" : type == FileNodes.S_IFBLK ? "b" : "";
    }

    private void addRule(DeviceRule rule) {
        ObjectNode json = rules.addObject().put("allow", true).put("type", rule.type());
        if (rule.major() >= 0) {
            json.put("major", rule.major());
        }
        if (rule.minor() >= 0) {
            json.put("minor", rule.minor());
        }
        json.put("access", rule.access());
    }

    /** The OCI specification's {@code linux.devices}; the nodes' modes are exact. */
    ArrayNode nodes() {
        return nodes;
    }

    /** The OCI specification's {@code linux.resources.devices}; the last rule that fits a device holds. */
    ArrayNode rules() {
        return rules;
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}
