package dev.ctr.lifecycle.check;

import dev.ctr.criu.linux.EffectiveCapabilities;
import dev.ctr.criu.linux.MemoryFeatures;
import dev.ctr.criu.linux.NetworkLinks;
import dev.ctr.criu.linux.Overlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tries what the kernel offers, and what this process may use of it. */
final class KernelTrials {
    private static final Path PIPE_MAX_SIZE = Path.of("/proc/sys/fs/pipe-max-size");

    /** What CRIU's lazy page server asks for. */
    private static final long NEEDED_PIPE_SIZE = 4 * 1024 * 1024;

    private final Kernel kernel;
    private final Path storage;

    /**
     * Prepares the trials.
     *
     * @param storage where overlays are to be mounted; need not exist
     */
    KernelTrials(Kernel kernel, Path storage) {
        this.kernel = kernel;
        this.storage = storage;
    }

    /** The running kernel. */
    static Kernel kernel() {
        String machine = System.getProperty("os.arch");
        return new Kernel(
                System.getProperty("os.version"),
                machine.equals("amd64") ? "x86_64" : machine,
                Cgroups.read().mode());
    }

    List<Feature> basics() throws InterruptedException {
        EffectiveCapabilities capabilities = capabilities();
        Cgroups cgroups = Cgroups.read();
        boolean root = capabilities.has(EffectiveCapabilities.CAP_SYS_ADMIN)
                && capabilities.has(EffectiveCapabilities.CAP_SYS_PTRACE)
                && capabilities.has(EffectiveCapabilities.CAP_NET_ADMIN);
        boolean resource = capabilities.has(EffectiveCapabilities.CAP_SYS_RESOURCE);
        return List.of(
                Feature.required(
                        "kernel",
                        kernel.isAtLeast(5, 6),
                        "Files can be opened without leaving a directory (openat2), clocks can go on (time namespaces).",
                        "Run Linux 5.6 or newer; this is " + kernel.release() + "."),
                Feature.required(
                        "root",
                        root,
                        "Containers can be run, dumped and restored.",
                        "Run ctr as root, with CAP_SYS_ADMIN, CAP_SYS_PTRACE and CAP_NET_ADMIN."),
                Feature.required("cgroups", cgroups.canFreeze(), "Containers can be frozen.", Cgroups.HOW_TO_FREEZE),
                Feature.useful(
                        "cgroup-limits",
                        cgroups.canLimit(),
                        "Memory, processors and the number of processes can be limited.",
                        "Enable the cgroup controllers cpu, memory and pids."),
                Feature.useful(
                        "cap-sys-resource",
                        resource,
                        "Containers whose processes do not run as user 0 can be dumped, and resource limits raised.",
                        "Start ctr with CAP_SYS_RESOURCE; a container or VM around it must grant it."),
                Trial.of(
                        "pipe-size",
                        () -> resource
                                || Long.parseLong(
                                                Files.readString(PIPE_MAX_SIZE).strip())
                                        >= NEEDED_PIPE_SIZE,
                        "CRIU's own lazy page server gets pipes that are large enough.",
                        "Run: sysctl -w fs.pipe-max-size=" + NEEDED_PIPE_SIZE + "."));
    }

    List<Feature> memory() throws InterruptedException {
        return List.of(
                Trial.of(
                        "memory-reading",
                        MemoryFeatures::memoryReading,
                        "Memory is saved while programs run: pre-checkpoints, with the tracker \"content\" at least.",
                        "Run a kernel that is built with CONFIG_CROSS_MEMORY_ATTACH."),
                Trial.of(
                        "soft-dirty",
                        MemoryFeatures::softDirty,
                        "The kernel marks written pages: the tracker \"soft-dirty\" for pre-checkpoints and pre-copy.",
                        "Run a kernel that is built with CONFIG_MEM_SOFT_DIRTY; the tracker \"content\" works without."),
                Trial.of(
                        "userfaultfd",
                        () -> MemoryFeatures.userfaultfd().isPresent(),
                        "A container can run before its memory is there: instant restore, post-copy migration.",
                        "Run a kernel that is built with CONFIG_USERFAULTFD."),
                Trial.of(
                        "userfaultfd-wp-async",
                        () -> (MemoryFeatures.userfaultfd().orElse(0) & MemoryFeatures.UFFD_FEATURE_WP_ASYNC) != 0,
                        "The kernel remembers writes to protected pages without stopping the writer.",
                        "Run Linux 6.7 or newer."),
                Trial.of(
                        "pagemap-scan",
                        MemoryFeatures::pagemapScan,
                        "Changed pages are found and protected again in one call, some milliseconds per GiB.",
                        "Run Linux 6.7 or newer."),
                Trial.of(
                        "write-tracking",
                        MemoryFeatures::writeTracking,
                        "The tracker \"uffd-wp\", which ctr will have for pre-copy, can work on every process.",
                        "Run Linux 6.7 or newer with CONFIG_USERFAULTFD; without any tracker, contents are compared."));
    }

    List<Feature> storage() throws InterruptedException {
        return List.of(Trial.of(
                "overlayfs",
                () -> Overlay.isUsable(existing(storage)),
                "A container's root file system is made from its image without copying it.",
                "Load the module \"overlay\", and keep ctr's root on a file system that can carry overlays (not on an"
                        + " overlay itself)."));
    }

    List<Feature> network() throws InterruptedException {
        return List.of(
                Trial.of(
                        "veth",
                        () -> NetworkLinks.canCreate("veth"),
                        "Containers can be joined to networks of the host.",
                        "Load the module \"veth\"."),
                Trial.of(
                        "bridge",
                        () -> NetworkLinks.canCreate("bridge"),
                        "Containers can have networks of their own on the host.",
                        "Load the module \"bridge\"."));
    }

    private static EffectiveCapabilities capabilities() {
        try {
            return EffectiveCapabilities.read();
        } catch (IOException e) {
            // Without /proc nothing else works either.
            return new EffectiveCapabilities(0);
        }
    }

    private static Path existing(Path path) {
        Path candidate = path;
        while (candidate.getParent() != null && !Files.isDirectory(candidate)) {
            candidate = candidate.getParent();
        }
        return candidate;
    }
}
