package dev.ctr.lifecycle.image;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How an image wants to be run, and where it comes from (OCI image specification, "Image Configuration"). Text that an
 * image does not give is empty.
 *
 * @param architecture the CPU, in Go's words: {@code amd64}, {@code arm64}
 * @param os {@code linux}
 * @param author who made it
 * @param env {@code NAME=VALUE}
 * @param entrypoint the program and its first arguments
 * @param cmd the arguments after the entrypoint, or the whole command line when there is no entrypoint
 * @param workingDir where the program starts
 * @param user {@code USER[:GROUP]}, by name or number
 * @param exposedPorts {@code PORT[/PROTOCOL]}
 * @param volumes directories that are volumes
 * @param labels free names and values
 * @param stopSignal the signal that asks the program to end, by name or number
 * @param history how the image was built, the first step first
 */
public record ImageConfig(
        String architecture,
        String os,
        String author,
        List<String> env,
        List<String> entrypoint,
        List<String> cmd,
        String workingDir,
        String user,
        List<String> exposedPorts,
        List<String> volumes,
        Map<String, String> labels,
        String stopSignal,
        List<History> history) {

    public ImageConfig {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        exposedPorts = List.copyOf(exposedPorts);
        volumes = List.copyOf(volumes);
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        history = List.copyOf(history);
    }

    /**
     * One step of a build.
     *
     * @param created when
     * @param createdBy the command
     * @param author who ran it
     * @param comment a remark
     * @param emptyLayer whether the step changed only the configuration
     */
    public record History(Instant created, String createdBy, String author, String comment, boolean emptyLayer) {}
}
