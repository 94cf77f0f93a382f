package dev.ctr.lifecycle.check;

import dev.ctr.criu.Criu;
import dev.ctr.criu.CriuVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks CRIU what it can do on this kernel. */
final class CriuTrials {
    private static final CriuVersion OLDEST = new CriuVersion(3, 16, 0);
    private static final String GET_CRIU = "Run ./setup.sh, or install CRIU 4.2 or newer.";

    /** By CRIU's own name: what it gives. (criu check --feature; CRIU, criu/cr-check.c.) */
    private static final Map<String, String> GIVES = gives();

    private final Kernel kernel;

    CriuTrials(Kernel kernel) {
        this.kernel = kernel;
    }

    Findings<InstalledProgram> run() throws InterruptedException {
        Optional<Criu> found = Criu.find();
        List<Feature> features = new ArrayList<>();
        features.add(Feature.required("criu", found.isPresent(), "Processes can be dumped and restored.", GET_CRIU));
        if (found.isEmpty()) {
            features.add(version(Optional.empty()));
            features.add(essentials(Optional.of(GET_CRIU)));
            features.addAll(features(Set.of(), GET_CRIU));
            return new Findings<>(InstalledProgram.NONE, features);
        }
        Criu criu = found.get();
        Optional<CriuVersion> version = ask(criu);
        features.add(version(version));
        features.add(essentials(missingEssentials(criu)));
        features.addAll(features(criu));
        return new Findings<>(
                new InstalledProgram(
                        criu.path().toString(),
                        version.map(CriuVersion::toString).orElse("")),
                features);
    }

    private static Optional<CriuVersion> ask(Criu criu) throws InterruptedException {
        try {
            return Optional.of(criu.version());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Feature version(Optional<CriuVersion> version) {
        String gives = "CRIU fits the kernel and ctr.";
        if (version.isEmpty()) {
            return Feature.required("criu-version", false, gives, GET_CRIU);
        }
        Optional<String> problem = problem(version.get());
        return Feature.required("criu-version", problem.isEmpty(), gives, problem.orElse("") + " " + GET_CRIU);
    }

    /** Why this version does not do; empty if it does. */
    private Optional<String> problem(CriuVersion version) {
        if (version.compareTo(OLDEST) < 0) {
            return Optional.of("CRIU " + version + " is too old for runc.");
        }
        if (kernel.isAtLeast(6, 16) && !version.isAtLeast(4, 2)) {
            // Seen with 4.1.1: "Can't get 1:16 opt: Operation not supported" (SO_PASSCRED) on every TCP socket.
            return Optional.of("CRIU " + version + " cannot dump sockets on Linux 6.16 or newer.");
        }
        if (version.isAtLeast(4, 1) && !version.isAtLeast(4, 2)) {
            return Optional.of("CRIU " + version + " crashes when a runtime hands it a configuration file.");
        }
        return Optional.empty();
    }

    /** The reason why {@code criu check} fails; empty if it succeeds. */
    private static Optional<String> missingEssentials(Criu criu) throws InterruptedException {
        try {
            List<String> missing = criu.missingEssentials();
            return missing.isEmpty()
                    ? Optional.empty()
                    : Optional.of("\"criu check\" says: " + String.join("; ", missing) + ".");
        } catch (IOException e) {
            return Optional.of("\"criu check\" does not run: " + e.getMessage());
        }
    }

    private static Feature essentials(Optional<String> problem) {
        return Feature.required(
                "criu-check",
                problem.isEmpty(),
                "The kernel has what every dump and restore needs.",
                problem.orElse(""));
    }

    private static List<Feature> features(Criu criu) throws InterruptedException {
        try {
            return features(criu.supported(GIVES.keySet()), "Run a newer kernel, or one that is built with it.");
        } catch (IOException e) {
            return features(Set.of(), "CRIU cannot be asked: " + e.getMessage());
        }
    }

    private static List<Feature> features(Set<String> supported, String how) {
        List<Feature> features = new ArrayList<>();
        GIVES.forEach(
                (name, gives) -> features.add(Feature.useful("criu-" + name, supported.contains(name), gives, how)));
        return features;
    }

    private static Map<String, String> gives() {
        Map<String, String> gives = new LinkedHashMap<>();
        gives.put("mem_dirty_track", "CRIU's own pre-dumps work (ctr's pre-checkpoints do not need them).");
        gives.put("pagemap_scan", "CRIU finds a process's pages faster.");
        gives.put("uffd", "CRIU can restore a process before its memory is there.");
        gives.put("uffd-noncoop", "Processes that fork or unmap while their memory arrives are restored correctly.");
        gives.put("network_lock_nftables", "A container's network is locked some 60 ms faster than by iptables.");
        gives.put("tcp_half_closed", "TCP connections that one side has closed survive.");
        gives.put("external_net_ns", "Containers whose network namespace was made by somebody else are dumped.");
        gives.put("move_mount_set_group", "Shared and slave mounts are restored as they were.");
        gives.put("timens", "Monotonic clocks go on instead of jumping when a container moves to another host.");
        gives.put("pidfd_store", "A process number that was reused between two dumps is noticed.");
        gives.put("get_rseq_conf", "Programs with restartable sequences, as glibc 2.35 registers them, are dumped.");
        gives.put("seccomp_filters", "Containers with a seccomp profile are dumped.");
        return gives;
    }
}
