package dev.ctr.cli.container;

import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.NamespaceKind;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the namespaces of a container that is to be created come from; the network's is {@code --network}. */
final class NamespaceFlags {
    @Option(
            names = "--ipc",
            paramLabel = "NAMESPACE",
            description = "shareable, private, none, host, container:NAME or ns:PATH (default: shareable)")
    private @Nullable String ipc;

    @Option(
            names = "--pid",
            paramLabel = "NAMESPACE",
            description = "private, host, container:NAME or ns:PATH (default: private)")
    private @Nullable String pid;

    @Option(
            names = "--uts",
            paramLabel = "NAMESPACE",
            description = "private, host, container:NAME or ns:PATH (default: private)")
    private @Nullable String uts;

    @Option(
            names = "--userns",
            paramLabel = "NAMESPACE",
            description = "host, container:NAME or ns:PATH (default: host)")
    @Nullable
    String user;

    @Option(
            names = "--cgroupns",
            paramLabel = "NAMESPACE",
            description = "private, host, container:NAME or ns:PATH (default: private on cgroup v2, else host)")
    private @Nullable String cgroup;

    void addTo(CreateOptions options) {
        add(options, NamespaceKind.IPC, ipc);
        add(options, NamespaceKind.PID, pid);
        add(options, NamespaceKind.UTS, uts);
        add(options, NamespaceKind.USER, user);
        add(options, NamespaceKind.CGROUP, cgroup);
    }

    private static void add(CreateOptions options, NamespaceKind kind, @Nullable String mode) {
        if (mode != null) {
            options.namespace(kind, mode);
        }
    }
}
