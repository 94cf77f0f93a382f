package dev.ctr.test;

import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ExecOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Looks into a running container. */
final class Inside {
    private Inside() {}

    /** Runs a shell script in the container, which must succeed, and returns its output without the white space around it. */
    static String sh(Container container, String script) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int code = container.exec(
                new ExecOptions(List.of("sh", "-c", script)),
                new AttachStreams().output(output).errors(output));
        String text = output.toString(StandardCharsets.UTF_8).strip();
        if (code != 0) {
            throw new AssertionError(script + " ended with " + code + ": " + text);
        }
        return text;
    }

    /** What identifies a namespace of the container's first process, such as {@code ipc:[4026531839]}. */
    static String namespace(Container container, String kind) {
        return namespace(container.state().pid(), kind);
    }

    /** What identifies this process's own namespace. */
    static String hostNamespace(String kind) {
        return namespace(ProcessHandle.current().pid(), kind);
    }

    private static String namespace(long pid, String kind) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + kind))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
