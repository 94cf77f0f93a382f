package dev.ctr.lifecycle;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a new container may do. A mutable part of {@link CreateOptions}; the defaults are libpod's. */
public final class SecurityOptions {
    /** Takes the place of a seccomp profile's path: every system call is let through. */
    public static final String UNCONFINED = "unconfined";

    final List<String> addedCapabilities = new ArrayList<>();
    final List<String> droppedCapabilities = new ArrayList<>();
    boolean noNewPrivileges;

    @Nullable
    String seccompProfile;

    @Nullable
    String appArmorProfile;

    final List<String> labels = new ArrayList<>();
    final List<String> masked = new ArrayList<>();
    final List<String> unmasked = new ArrayList<>();
    final List<String> procOptions = new ArrayList<>();

    SecurityOptions() {}

    /** Adds a capability by name, with or without {@code CAP_}, or {@code all}. */
    public SecurityOptions addCapability(String value) {
        addedCapabilities.add(value);
        return this;
    }

    /** Takes a capability of the default ones away, or {@code all} of them. */
    public SecurityOptions dropCapability(String value) {
        droppedCapabilities.add(value);
        return this;
    }

    /** Keeps programs from gaining privileges by set-user-ID bits and file capabilities. */
    public SecurityOptions noNewPrivileges(boolean value) {
        noNewPrivileges = value;
        return this;
    }

    /** The file of a seccomp profile in the form that containers/common defines, or {@link #UNCONFINED}. */
    public SecurityOptions seccompProfile(String value) {
        seccompProfile = value;
        return this;
    }

    /** The name of an AppArmor profile that the host has loaded, or {@link #UNCONFINED}. */
    public SecurityOptions appArmorProfile(String value) {
        appArmorProfile = value;
        return this;
    }

    /** An SELinux option such as {@code disable} or {@code type:T}; kept, and used where SELinux is on. */
    public SecurityOptions label(String value) {
        labels.add(value);
        return this;
    }

    /** Hides a path. */
    public SecurityOptions mask(String path) {
        masked.add(path);
        return this;
    }

    /** Shows what is hidden or read-only by default: a path, a pattern such as {@code /proc/*}, or {@code ALL}. */
    public SecurityOptions unmask(String pattern) {
        unmasked.add(pattern);
        return this;
    }

    /** A mount option for /proc, such as {@code hidepid=2}. */
    public SecurityOptions procOption(String option) {
        procOptions.add(option);
        return this;
    }
}
