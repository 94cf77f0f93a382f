package dev.ctr.lifecycle;

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

    public ExecOptions privileged(boolean value) {
        privileged = value;
        return this;
    }

    public ExecOptions user(String value) {
        user = value;
        return this;
    }

    public ExecOptions workingDirectory(String value) {
        workingDirectory = value;
        return this;
    }
}
