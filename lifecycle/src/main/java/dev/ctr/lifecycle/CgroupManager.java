package dev.ctr.lifecycle;

/** Who makes the containers' cgroups: the runtime itself, or systemd on its behalf. */
public enum CgroupManager {
    CGROUPFS("cgroupfs"),
    SYSTEMD("systemd");

    private final String word;

    CgroupManager(String word) {
        this.word = word;
    }

    /** The word for it on command lines and in libpod's JSON. */
    public String word() {
        return word;
    }
}
