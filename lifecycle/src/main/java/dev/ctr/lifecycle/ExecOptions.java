package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Descriptor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A further process to run inside a container. A mutable builder. */
public final class ExecOptions {
    final List<String> command;
    final Map<String, String> environment = new LinkedHashMap<>();
    boolean terminal;
    boolean interactive;
    boolean privileged;
    List<Descriptor> descriptors = List.of();
    DetachKeys detachKeys = DetachKeys.NONE;

    @Nullable
    String user;

    @Nullable
    String workingDirectory;

    public ExecOptions(List<String> command) {
        this.command = List.copyOf(command);
    }

    public ExecOptions environment(String key, String value) {
        environment.put(key, value);
        return this;
    }

    public ExecOptions terminal(boolean value) {
        terminal = value;
        return this;
    }

    /** Connects standard input; without it the process reads an end of file. */
    public ExecOptions interactive(boolean value) {
        interactive = value;
        return this;
    }

    /** Gives it every capability, without the limits of AppArmor and {@code no_new_privs}. */
    public ExecOptions privileged(boolean value) {
        privileged = value;
        return this;
    }

    /** {@code USER[:GROUP]}, by name or number, resolved inside the root file system. */
    public ExecOptions user(String value) {
        user = value;
        return this;
    }

    public ExecOptions workingDirectory(String value) {
        workingDirectory = value;
        return this;
    }

    /** Passes these on as descriptors 3, 4, …; the caller keeps owning and closes its own. */
    public ExecOptions passDescriptors(List<Descriptor> value) {
        descriptors = List.copyOf(value);
        return this;
    }

    /** What {@link Container#execInspect} reports; the keys that work are those of the streams that are attached. */
    public ExecOptions detachKeys(DetachKeys value) {
        detachKeys = value;
        return this;
    }
}
