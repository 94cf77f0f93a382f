package dev.ctr.cli.value;

import dev.ctr.lifecycle.CreateOptions.Volume;
import dev.ctr.lifecycle.StorageOptions.VolumesFrom;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Volumes and bind mounts as {@code -v} takes them: {@code [[SOURCE-VOLUME|HOST-DIR:]CONTAINER-DIR[:OPTIONS]]}. */
public final class Volumes {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

    private Volumes() {}

    /**
     * Parses one value; a source that begins with a dot is a path below the working directory.
     *
     * @throws IllegalArgumentException if it has not that form
     */
    public static Volume parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length > 3) {
            throw new IllegalArgumentException("invalid volume format \"" + text
                    + "\": the format is [[SOURCE-VOLUME|HOST-DIR:]CONTAINER-DIR[:OPTIONS]]");
        }
        String source = parts.length == 1 ? "" : parts[0];
        String destination = parts.length == 1 ? parts[0] : parts[1];
        List<String> options = parts.length == 3 ? List.of(parts[2].split(",")) : List.of();
        return of(source, destination, options);
    }

    /**
     * Parses a value of {@code --volumes-from}: {@code CONTAINER[:OPTIONS]}.
     *
     * @throws IllegalArgumentException if it names no container
     */
    public static VolumesFrom parseLender(String text) {
        String[] parts = text.split(":", 2);
        if (parts[0].isEmpty()) {
            throw new IllegalArgumentException("invalid --volumes-from \"" + text + "\": it names no container");
        }
        return new VolumesFrom(parts[0], parts.length == 1 ? List.of() : List.of(parts[1].split(",")));
    }

    static Volume of(String source, String destination, List<String> options) {
        return new Volume(resolve(source), containerPath(destination), options);
    }

    /**
     * The place of a mount in the container.
     *
     * @throws IllegalArgumentException unless it is absolute
     */
    public static String containerPath(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("invalid container path \"" + text + "\", must be an absolute path");
        }
        return text;
    }

    private static String resolve(String source) {
        if (source.startsWith(".") || source.startsWith("/")) {
            return Path.of(source).toAbsolutePath().normalize().toString();
        }
        if (!source.isEmpty() && !NAME.matcher(source).matches()) {
            throw new IllegalArgumentException("invalid volume name \"" + source
                    + "\": it must match [a-zA-Z0-9][a-zA-Z0-9_.-]*; write ./" + source + " for a directory");
        }
        return source;
    }
}
