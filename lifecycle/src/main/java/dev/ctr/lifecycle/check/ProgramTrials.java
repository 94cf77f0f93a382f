package dev.ctr.lifecycle.check;

import dev.ctr.criu.linux.ProgramOutput;
import dev.ctr.criu.linux.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for the programs around the runtime, and asks them for their versions. */
final class ProgramTrials {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final Pattern VERSION = Pattern.compile("\\bv?(\\d+(?:\\.\\d+)+[^\\s,]*)");

    private final String searchPath;

    /** Looks in these directories, as {@code PATH} names them. */
    ProgramTrials(String searchPath) {
        this.searchPath = searchPath;
    }

    Findings<InstalledProgram> conmon() throws InterruptedException {
        String besidePodman = Arrays.stream(searchPath.split(":", -1))
                .map(directory ->
                        Path.of(directory, "../libexec/podman").normalize().toString())
                .reduce(searchPath, (directories, directory) -> directories + ":" + directory);
        Optional<Path> path = Programs.find("conmon", besidePodman);
        InstalledProgram conmon = path.isPresent()
                ? new InstalledProgram(path.get().toString(), version(path.get()))
                : InstalledProgram.NONE;
        return new Findings<>(
                conmon,
                List.of(Feature.required(
                        "conmon",
                        path.isPresent(),
                        "Holds a container's terminal, output and exit code while no ctr runs.",
                        "Install the package conmon.")));
    }

    List<Feature> others() {
        return List.of(
                Feature.useful(
                        "skopeo",
                        isThere("skopeo"),
                        "Images are pulled from and pushed to registries.",
                        "Install the package skopeo."),
                Feature.useful(
                        "iptables",
                        isThere("iptables") && isThere("iptables-restore"),
                        "The CNI plugins publish ports and open the firewall with it, and CRIU locks a container's network"
                                + " with it unless told otherwise.",
                        "Install the package iptables."),
                Feature.useful(
                        "nftables",
                        isThere("nft"),
                        "The rules of a network that is locked by nftables can be seen and removed by hand.",
                        "Install the package nftables."));
    }

    /** What a program says of its version; empty if it does not. */
    static String version(Path program) throws InterruptedException {
        try {
            ProgramOutput output = run(program, List.of("--version"), Map.of());
            Matcher version = VERSION.matcher(output.stdout() + output.stderr());
            return version.find() ? version.group(1) : "";
        } catch (IOException e) {
            return "";
        }
    }

    static ProgramOutput run(Path program, List<String> arguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(arguments);
        return Programs.run(command, environment, TIMEOUT);
    }

    private boolean isThere(String program) {
        return Programs.find(program, searchPath).isPresent();
    }
}
