package dev.ctr.lifecycle;

/** The kinds of Linux namespaces that containers may share, under the names that the OCI, the kernel and libpod give them. */
public enum NamespaceKind {
    IPC("ipc", "ipc", "ipc", "ipcNsCtr"),
    NET("net", "network", "net", "netNsCtr"),
    PID("pid", "pid", "pid", "pidNsCtr"),
    UTS("uts", "uts", "uts", "utsNsCtr"),
    USER("user", "user", "user", "userNsCtr"),
    MOUNT("mnt", "mount", "mnt", "mountNsCtr"),
    CGROUP("cgroup", "cgroup", "cgroup", "cgroupNsCtr");

    private final String word;
    private final String specType;
    private final String procName;
    private final String configKey;

    NamespaceKind(String word, String specType, String procName, String configKey) {
        this.word = word;
        this.specType = specType;
        this.procName = procName;
        this.configKey = configKey;
    }

    /** libpod's word for it, as in {@code --share ipc,net,uts}. */
    public String word() {
        return word;
    }

    /** Its {@code type} in {@code linux.namespaces} of an OCI specification. */
    String specType() {
        return specType;
    }

    /** Its name in {@code /proc/PID/ns} (namespaces(7)). */
    String procName() {
        return procName;
    }

    /** The key of libpod's configuration that holds the ID of the container whose namespace is joined. */
    String configKey() {
        return configKey;
    }
}
