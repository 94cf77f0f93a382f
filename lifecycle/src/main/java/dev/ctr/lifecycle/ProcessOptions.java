package dev.ctr.lifecycle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The less common properties of a new container's program. A mutable part of {@link CreateOptions}. */
public final class ProcessOptions {
    final List<String> groups = new ArrayList<>();
    final List<String> unsetVariables = new ArrayList<>();
    boolean unsetAllVariables;
    String umask = "0022";
    String timezone = "";
    boolean init;
    boolean passwordEntry = true;
    String passwordLine = "";

    @Nullable
    Path initProgram;

    ProcessOptions() {}

    /** A further group of its user, by name or number, resolved inside the root file system. */
    public ProcessOptions group(String value) {
        groups.add(value);
        return this;
    }

    /** Takes a variable away that the engine or the image sets. */
    public ProcessOptions unsetVariable(String name) {
        unsetVariables.add(name);
        return this;
    }

    /** Takes all variables away that the engine and the image set. */
    public ProcessOptions unsetAllVariables(boolean value) {
        unsetAllVariables = value;
        return this;
    }

    /** Its file mode creation mask, in octal. */
    public ProcessOptions umask(String value) {
        umask = value;
        return this;
    }

    /** A name below /usr/share/zoneinfo, {@code local} for the host's, or empty for the image's. */
    public ProcessOptions timezone(String value) {
        timezone = value;
        return this;
    }

    /** Runs a small init process in front of its program, which passes signals on and reaps orphans. */
    public ProcessOptions init(boolean value) {
        init = value;
        return this;
    }

    /** The init program on the host, in place of the catatonit, tini or dumb-init that is installed. */
    public ProcessOptions initProgram(Path value) {
        initProgram = value;
        return this;
    }

    /** Whether a user without a line in /etc/passwd gets one; true unless said otherwise. */
    public ProcessOptions passwordEntry(boolean value) {
        passwordEntry = value;
        return this;
    }

    /** That line, in which $USERNAME, $UID, $GID, $NAME and $HOME are replaced; empty for libpod's. */
    public ProcessOptions passwordLine(String value) {
        passwordLine = value;
        return this;
    }
}
