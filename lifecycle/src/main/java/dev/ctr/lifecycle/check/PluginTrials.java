package dev.ctr.lifecycle.check;

import dev.ctr.criu.linux.ProgramOutput;
import dev.ctr.criu.linux.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for the CNI plugins that ctr's networks use. */
final class PluginTrials {
    private static final String USUAL_DIRECTORIES = "/usr/lib/cni:/opt/cni/bin:/usr/libexec/cni:/usr/lib/cni/bin";

    /** A plugin's answer to VERSION (CNI specification, "VERSION: probe plugin version support"). */
    private static final Pattern NEWEST_VERSION = Pattern.compile("\"cniVersion\"\\s*:\\s*\"([^\"]+)\"");

    private static final Map<String, String> GIVES = gives();

    private final String directories;

    /** Looks where the engine looks: CTR_CNI_PATH, else CNI_PATH, then the usual directories. */
    PluginTrials(Map<String, String> environment) {
        String named = environment.getOrDefault("CTR_CNI_PATH", environment.getOrDefault("CNI_PATH", ""));
        directories = named.isEmpty() ? USUAL_DIRECTORIES : named + ":" + USUAL_DIRECTORIES;
    }

    Findings<InstalledPlugins> run() throws InterruptedException {
        List<Feature> features = new ArrayList<>();
        List<String> plugins = new ArrayList<>();
        Optional<Path> first = Optional.empty();
        for (Map.Entry<String, String> plugin : GIVES.entrySet()) {
            Optional<Path> path = Programs.find(plugin.getKey(), directories);
            if (path.isPresent()) {
                plugins.add(plugin.getKey());
                first = first.or(() -> path);
            }
            features.add(Feature.useful(
                    "cni-" + plugin.getKey(),
                    path.isPresent(),
                    plugin.getValue(),
                    "Install the package containernetworking-plugins, or name its directory in CTR_CNI_PATH."));
        }
        String directory = first.map(path -> path.resolveSibling("").toString()).orElse("");
        String version = first.isPresent() ? specificationVersion(first.get()) : "";
        return new Findings<>(new InstalledPlugins(directory, version, plugins), features);
    }

    private static String specificationVersion(Path plugin) throws InterruptedException {
        try {
            ProgramOutput output = ProgramTrials.run(plugin, List.of(), Map.of("CNI_COMMAND", "VERSION"));
            Matcher version = NEWEST_VERSION.matcher(output.stdout());
            return version.find() ? version.group(1) : "";
        } catch (IOException e) {
            return "";
        }
    }

    private static Map<String, String> gives() {
        Map<String, String> gives = new LinkedHashMap<>();
        gives.put("bridge", "Containers are joined to a bridge network.");
        gives.put("host-local", "Containers on a bridge network get their addresses.");
        gives.put("loopback", "A container's loopback interface is set up as other engines do it.");
        gives.put("portmap", "Ports of a container are published on the host.");
        gives.put("firewall", "The host's firewall lets containers on a bridge network through.");
        gives.put("tuning", "A container on a bridge network gets a MAC address of one's choice, and keeps it.");
        return gives;
    }
}
