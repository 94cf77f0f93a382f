package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The CNI plugins installed on this host, started as the CNI specification (0.4.0, "Network Configuration" and "Parameters")
 * says: parameters in the environment, configuration on standard input, the result on standard output. They act on the network
 * namespace of the thread that starts them.
 *
 * @param directories where the plugins are, the first that has one wins
 */
record CniPlugins(List<Path> directories) {
    private static final List<String> USUAL_DIRECTORIES =
            List.of("/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni", "/usr/lib/cni/bin");
    private static final String SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Pattern PROGRAM_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

    CniPlugins {
        directories = List.copyOf(directories);
    }

    /** What a plugin is asked to do. */
    enum Command {
        ADD,
        DEL
    }

    /**
     * Whose interface a plugin works on.
     *
     * @param containerId the owner's identity, unique among all roots of the host
     * @param namespace the file of the container's network namespace; empty, for DEL, if it is gone
     * @param interfaceName the interface inside the container
     * @param arguments further arguments, {@code KEY=VALUE} separated by semicolons; may be empty
     */
    record Target(String containerId, String namespace, String interfaceName, String arguments) {}

    /** The directories named by CTR_CNI_PATH, else CNI_PATH, before the usual ones. */
    static CniPlugins of(Map<String, String> environment) {
        String named = environment.getOrDefault("CTR_CNI_PATH", environment.getOrDefault("CNI_PATH", ""));
        return new CniPlugins(Stream.concat(
                        Stream.of(named.split(File.pathSeparator)).filter(directory -> !directory.isEmpty()),
                        USUAL_DIRECTORIES.stream())
                .map(Path::of)
                .toList());
    }

    /**
     * Starts a plugin on one network configuration, of the plugin's own type.
     *
     * @throws EngineException RUNTIME if there is no such plugin or it cannot be started
     */
    PluginRun start(Command command, ObjectNode configuration, Target target) {
        String type = configuration.path("type").asText();
        ProcessBuilder builder = new ProcessBuilder(find(type).toString());
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "");
        environment.clear();
        environment.put("PATH", path.isEmpty() ? SYSTEM_PATH : path + ":" + SYSTEM_PATH);
        environment.put("CNI_COMMAND", command.name());
        environment.put(PluginRun.CONTAINER_ID_VARIABLE, target.containerId());
        environment.put("CNI_NETNS", target.namespace());
        environment.put("CNI_IFNAME", target.interfaceName());
        environment.put("CNI_ARGS", target.arguments());
        environment.put(
                "CNI_PATH", directories.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        try {
            return PluginRun.start(command, type, builder, configuration);
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.RUNTIME, "cannot start the CNI plugin " + type + ": " + e.getMessage(), e);
        }
    }

    /** @throws EngineException RUNTIME if no such plugin is installed */
    void require(String type) {
        find(type);
    }

    private Path find(String type) {
        if (!PROGRAM_NAME.matcher(type).matches()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "\"" + type + "\" is not the name of a CNI plugin");
        }
        for (Path directory : directories) {
            Path program = directory.resolve(type);
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        throw new EngineException(
                EngineException.Code.RUNTIME,
                "the CNI plugin " + type + " is in none of "
                        + directories.stream().map(Path::toString).collect(Collectors.joining(", "))
                        + "; install the CNI plugins (Debian's package: containernetworking-plugins), or name their"
                        + " directory in CTR_CNI_PATH");
    }
}
