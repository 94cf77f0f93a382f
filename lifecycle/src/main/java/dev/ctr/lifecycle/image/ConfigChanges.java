package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Signal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Builds an image's config from instructions as in a Containerfile, with the forms that podman's {@code --change} takes. */
final class ConfigChanges {
    private static final Pattern PORT = Pattern.compile("([0-9]{1,5})(?:/((?i)tcp|udp|sctp))?");
    private static final int MAX_PORT = 65535;

    private final Map<String, String> env = new LinkedHashMap<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final Set<String> exposedPorts = new LinkedHashSet<>();
    private final Set<String> volumes = new LinkedHashSet<>();
    private List<String> entrypoint = List.of();
    private List<String> cmd = List.of();
    private String workingDir = "";
    private String user = "";
    private String stopSignal = "";
    private final List<String> onBuild = new ArrayList<>();

    /**
     * Applies the changes in order.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} for an instruction that cannot be understood
     */
    static ConfigChanges parse(List<String> changes) {
        ConfigChanges parsed = new ConfigChanges();
        changes.forEach(parsed::apply);
        return parsed;
    }

    /**
     * Applies the changes, in order, to what an image has.
     *
     * @throws EngineException as {@link #parse(List)}
     */
    static ConfigChanges parse(ImageConfig base, List<String> changes) {
        ConfigChanges parsed = new ConfigChanges();
        for (String variable : base.env()) {
            int equals = variable.indexOf('=');
            parsed.env.put(
                    equals < 0 ? variable : variable.substring(0, equals),
                    equals < 0 ? "" : variable.substring(equals + 1));
        }
        parsed.labels.putAll(base.labels());
        parsed.exposedPorts.addAll(base.exposedPorts());
        parsed.volumes.addAll(base.volumes());
        parsed.entrypoint = base.entrypoint();
        parsed.cmd = base.cmd();
        parsed.workingDir = base.workingDir();
        parsed.user = base.user();
        parsed.stopSignal = base.stopSignal();
        changes.forEach(parsed::apply);
        return parsed;
    }

    /** The instructions for whoever builds on the image. */
    List<String> onBuild() {
        return List.copyOf(onBuild);
    }

    ImageConfig toConfig(String architecture, Instant created, String message) {
        return toConfig(
                architecture, "linux", "", List.of(new ImageConfig.History(created, "import", "", message, false)));
    }

    /** With what no instruction changes from another config. */
    ImageConfig toConfig(ImageConfig base, List<ImageConfig.History> history) {
        return toConfig(base.architecture(), base.os(), base.author(), history);
    }

    private ImageConfig toConfig(String architecture, String os, String author, List<ImageConfig.History> history) {
        List<String> variables = new ArrayList<>();
        env.forEach((name, value) -> variables.add(name + "=" + value));
        return new ImageConfig(
                architecture,
                os,
                author,
                variables,
                entrypoint,
                cmd,
                workingDir,
                user,
                List.copyOf(exposedPorts),
                List.copyOf(volumes),
                labels,
                stopSignal,
                history);
    }

    private void apply(String change) {
        String text = change.strip();
        int space = text.indexOf(' ');
        int cut = space >= 0 ? space : text.indexOf('=');
        if (cut <= 0) {
            throw invalid(change, "must be formatted as KEY VALUE");
        }
        String value = text.substring(cut + 1).strip();
        String instruction = text.substring(0, cut).strip().toUpperCase(Locale.ROOT);
        if (value.isEmpty()) {
            throw invalid(change, "must provide a value to " + instruction);
        }
        switch (instruction) {
            case "CMD" -> cmd = command(value);
            case "ENTRYPOINT" -> entrypoint = command(value);
            case "ENV" -> setVariable(value);
            case "LABEL" -> setLabel(change, value);
            case "WORKDIR" ->
                workingDir = Path.of("/", workingDir).resolve(value).normalize().toString();
            case "USER" -> user = value;
            case "VOLUME" -> list(value).forEach(path -> volumes.add(absolute(change, path)));
            case "EXPOSE" -> expose(change, value);
            case "ONBUILD" -> onBuild.add(value);
            case "STOPSIGNAL" -> stopSignal = Integer.toString(Signal.parse(value));
            default -> throw invalid(change, "invalid instruction " + instruction);
        }
    }

    /** The JSON form is the command line itself, anything else is a line for the shell. */
    private static List<String> command(String value) {
        return jsonTexts(value).orElseGet(() -> List.of("/bin/sh", "-c", value));
    }

    private static List<String> list(String value) {
        return jsonTexts(value).orElseGet(() -> List.of(value.split("\\s+", -1)));
    }

    /** Empty when it is no JSON array of texts. */
    private static Optional<List<String>> jsonTexts(String value) {
        if (!value.startsWith("[")) {
            return Optional.empty();
        }
        try {
            List<String> texts = new ArrayList<>();
            for (JsonNode element : ImageJson.parse(value.getBytes(StandardCharsets.UTF_8), "list")) {
                if (!element.isTextual()) {
                    return Optional.empty();
                }
                texts.add(element.textValue());
            }
            return Optional.of(texts);
        } catch (IOException | EngineException e) {
            return Optional.empty();
        }
    }

    /** {@code NAME=VALUE}, {@code NAME VALUE} or {@code NAME}. */
    private void setVariable(String value) {
        int equals = value.indexOf('=');
        int cut = equals >= 0 ? equals : value.indexOf(' ');
        String name = cut < 0 ? value : value.substring(0, cut);
        env.put(unquoted(name), cut < 0 ? "" : unquoted(value.substring(cut + 1).strip()));
    }

    private void setLabel(String change, String value) {
        int equals = value.indexOf('=');
        if (equals <= 0) {
            throw invalid(change, "LABEL must be formatted key=value");
        }
        labels.put(unquoted(value.substring(0, equals)), unquoted(value.substring(equals + 1)));
    }

    private static String unquoted(String text) {
        boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
        return quoted ? text.substring(1, text.length() - 1) : text;
    }

    private void expose(String change, String value) {
        Matcher matcher = PORT.matcher(value);
        if (!matcher.matches()) {
            throw invalid(change, "EXPOSE takes PORT[/PROTOCOL], and the protocol must be tcp or udp");
        }
        int port = Integer.parseInt(matcher.group(1));
        if (port < 1 || port > MAX_PORT) {
            throw invalid(change, "EXPOSE port must be a valid port number");
        }
        String protocol = matcher.group(2) == null ? "tcp" : matcher.group(2).toLowerCase(Locale.ROOT);
        exposedPorts.add(port + "/" + protocol);
    }

    private static String absolute(String change, String path) {
        if (!path.startsWith("/")) {
            throw invalid(change, "\"" + path + "\" is not an absolute path");
        }
        return path;
    }

    private static EngineException invalid(String change, String why) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, "invalid change \"" + change + "\": " + why);
    }

    private ConfigChanges() {}
}
