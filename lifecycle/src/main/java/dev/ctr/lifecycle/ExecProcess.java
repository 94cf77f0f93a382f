package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the OCI process of an exec session: the container's own, with what was asked for in place. */
final class ExecProcess {
    private static final List<String> GAINED_BY_ROOT = List.of("effective", "permitted");

    private final LockedContainer container;
    private final ExecOptions options;

    ExecProcess(LockedContainer container, ExecOptions options) {
        this.container = container;
        this.options = options;
    }

    ObjectNode toJson() throws IOException {
        ObjectNode spec = Json.readObject(container.paths().bundle().resolve("config.json"));
        ObjectNode process = spec.withObjectProperty("process");
        RootUsers.User user = user();
        process.put("terminal", options.terminal);
        process.remove("consoleSize");
        process.set("args", Json.array(options.command));
        process.set("env", Json.array(environment(process.path("env"), user)));
        if (options.workingDirectory != null) {
            process.put("cwd", options.workingDirectory);
        }
        if (options.user != null) {
            ObjectNode json = process.withObjectProperty("user").put("uid", user.uid());
            json.put("gid", user.gid());
            ArrayNode groups = json.putArray("additionalGids");
            user.groups().forEach(groups::add);
        }
        setCapabilities(process.withObjectProperty("capabilities"), user);
        if (options.privileged) {
            process.remove(List.of("apparmorProfile", "noNewPrivileges"));
        }
        return process;
    }

    private RootUsers.User user() throws IOException {
        Path root = container.resources().rootFilesystem().path();
        String asked = options.user == null ? container.config().user() : options.user;
        return RootUsers.of(root).find(asked);
    }

    private List<String> environment(JsonNode inherited, RootUsers.User user) {
        Map<String, String> environment = new LinkedHashMap<>();
        Json.strings(inherited).forEach(variable -> put(environment, variable));
        boolean homeIsAsked =
                container.config().environment().stream().anyMatch(variable -> variable.startsWith("HOME="));
        if (!homeIsAsked) {
            environment.put("HOME", user.home());
        }
        if (options.terminal) {
            environment.put("TERM", "xterm");
        }
        environment.putAll(options.environment);
        return environment.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }

    private static void put(Map<String, String> environment, String variable) {
        int equals = variable.indexOf('=');
        if (equals > 0) {
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
    }

    /** As libpod has it: only root, and the container's own user, may use what the bounding set allows. */
    private void setCapabilities(ObjectNode capabilities, RootUsers.User user) {
        if (options.privileged) {
            capabilities.set("bounding", Json.array(Capabilities.granted(true, List.of(), List.of())));
        }
        capabilities.remove("inheritable");
        if (user.uid() == 0) {
            GAINED_BY_ROOT.forEach(set -> capabilities.set(
                    set, capabilities.withArrayProperty("bounding").deepCopy()));
        } else if (options.user != null
                && !options.user.equals(container.config().user())) {
            capabilities.remove("ambient");
            GAINED_BY_ROOT.forEach(capabilities::remove);
        }
    }
}
