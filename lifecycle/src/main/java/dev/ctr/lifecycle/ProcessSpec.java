package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.image.ImageConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a new container runs: what was asked for, and where nothing was, what the image says. */
final class ProcessSpec {
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int OCTAL = 8;

    private final CreateOptions asked;
    private final Optional<ImageConfig> image;
    private final String hostname;

    ProcessSpec(CreateOptions asked, Optional<ImageConfig> image, String hostname) {
        this.asked = asked;
        this.image = image;
        this.hostname = hostname;
    }

    void check() {
        if (command().isEmpty() && entrypoint().isEmpty()) {
            throw invalid("no command or entrypoint provided, and no CMD or ENTRYPOINT from image");
        }
        if (!asked.process.umask.matches("[0-7]{1,4}")) {
            throw invalid("running container create option: invalid umask string " + asked.process.umask
                    + ": invalid argument");
        }
        if (asked.process.groups.contains("keep-groups")) {
            throw invalid(
                    "the group keep-groups needs the runtime crun; name the groups that the container is to have");
        }
        if (!asked.process.timezone.isEmpty()) {
            LocalTime.check(asked.process.timezone);
        }
        if (asked.process.init) {
            InitProgram.find(Optional.ofNullable(asked.process.initProgram));
        }
    }

    void addTo(ObjectNode spec) {
        ObjectNode process = spec.withObjectProperty("process");
        process.put("terminal", asked.terminal);
        process.putObject("user")
                .put("uid", 0)
                .put("gid", 0)
                .put("umask", Integer.parseInt(asked.process.umask, OCTAL));
        process.set("args", Json.array(arguments()));
        process.set("env", Json.array(environment()));
        process.put("cwd", workingDirectory());
    }

    /** Writes what is no part of the OCI specification into a configuration. */
    void addToConfiguration(ObjectNode config) {
        config.set("command", Json.array(command()));
        config.set("entrypoint", Json.array(entrypoint()));
        config.put("user", user());
        if (!asked.process.groups.isEmpty()) {
            config.set("groups", Json.array(asked.process.groups));
        }
        config.put("umask", asked.process.umask);
        config.put("createWorkingDir", true);
        config.put("passwd", asked.process.passwordEntry);
        if (!asked.process.passwordLine.isEmpty()) {
            config.put("passwd_entry", asked.process.passwordLine);
        }
        if (!asked.process.timezone.isEmpty()) {
            config.put("timezone", asked.process.timezone);
        }
        Path init = asked.process.initProgram;
        if (asked.process.init && init != null) {
            config.put("ctrInitPath", init.toAbsolutePath().toString());
        }
    }

    List<String> entrypoint() {
        if (asked.entrypoint != null) {
            return asked.entrypoint;
        }
        return image.map(ImageConfig::entrypoint).orElse(List.of());
    }

    /** The image's command stands in only when neither a command nor an entry point was given. */
    List<String> command() {
        if (!asked.command.isEmpty() || asked.entrypoint != null) {
            return asked.command;
        }
        return image.map(ImageConfig::cmd).orElse(List.of());
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (asked.process.init) {
            arguments.addAll(List.of(InitProgram.PLACE, "--"));
        }
        arguments.addAll(entrypoint());
        arguments.addAll(command());
        return arguments;
    }

    private List<String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        if (!asked.process.unsetAllVariables) {
            put(environment, DEFAULT_PATH);
            put(environment, "container=ctr");
            put(environment, "TERM=xterm");
            image.map(ImageConfig::env).orElse(List.of()).forEach(variable -> put(environment, variable));
        }
        asked.process.unsetVariables.forEach(environment::remove);
        environment.putAll(asked.environment);
        environment.putIfAbsent("HOSTNAME", hostname);
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

    private String workingDirectory() {
        if (asked.workingDirectory != null) {
            if (!asked.workingDirectory.startsWith("/")) {
                throw invalid("the working directory \"" + asked.workingDirectory
                        + "\" is invalid, it needs to be an absolute path");
            }
            return asked.workingDirectory;
        }
        return image.map(ImageConfig::workingDir)
                .filter(directory -> !directory.isEmpty())
                .orElse("/");
    }

    String user() {
        if (asked.user != null) {
            return asked.user;
        }
        return image.map(ImageConfig::user).orElse("");
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}
