package dev.ctr.cli.value;

import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.CreateOptions.Volume;
import dev.ctr.lifecycle.StorageOptions.ImageMount;
import java.util.ArrayList;
import java.util.List;

/** A value of {@code --mount}, such as {@code type=bind,src=/srv/www,dst=/www,ro}. */
public sealed interface MountFlag {

    /** Adds the mount to a container that is to be created. */
    void addTo(CreateOptions options);

    /** A bind mount or a volume. */
    record OfVolume(Volume volume) implements MountFlag {
        @Override
        public void addTo(CreateOptions options) {
            options.volume(volume);
        }
    }

    /** A tmpfs with its mount options, separated by commas. */
    record OfTmpfs(String destination, String mountOptions) implements MountFlag {
        @Override
        public void addTo(CreateOptions options) {
            options.temporaryFileSystem(destination, mountOptions);
        }
    }

    /** The content of an image. */
    record OfImage(ImageMount mount) implements MountFlag {
        @Override
        public void addTo(CreateOptions options) {
            options.storage().imageMount(mount);
        }
    }

    /** A devpts file system. */
    record OfTerminals(String destination, List<String> mountOptions) implements MountFlag {
        @Override
        public void addTo(CreateOptions options) {
            options.storage().pseudoTerminals(destination, mountOptions);
        }
    }

    /**
     * Parses one value.
     *
     * @throws IllegalArgumentException if a key is unknown or the destination is missing
     */
    static MountFlag parse(String text) {
        String type = "volume";
        String source = "";
        String destination = "";
        List<String> options = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "" : part.substring(equals + 1);
            switch (key) {
                case "type" -> type = value;
                case "source", "src" -> source = value;
                case "destination", "dst", "target" -> destination = value;
                case "ro", "readonly" -> options.add(isFalse(value) ? "rw" : "ro");
                case "rw", "readwrite" -> options.add(isFalse(value) ? "ro" : "rw");
                case "bind-propagation" -> options.add(value);
                case "tmpfs-size" -> options.add("size=" + value);
                case "tmpfs-mode" -> options.add("mode=" + value);
                case "U", "chown" -> {
                    if (!isFalse(value)) {
                        options.add("U");
                    }
                }
                case "bind-nonrecursive" -> options.add("bind");
                case "relabel" -> options.add(value.equals("private") ? "Z" : "z");
                case "uid", "gid", "mode", "max" -> options.add(key + "=" + value);
                case "consistency" -> {}
                case "exec",
                        "noexec",
                        "dev",
                        "nodev",
                        "suid",
                        "nosuid",
                        "tmpcopyup",
                        "notmpcopyup",
                        "z",
                        "Z",
                        "private",
                        "rprivate",
                        "shared",
                        "rshared",
                        "slave",
                        "rslave",
                        "unbindable",
                        "runbindable" -> options.add(key);
                default -> throw new IllegalArgumentException(key + ": invalid mount option");
            }
        }
        if (destination.isEmpty()) {
            throw new IllegalArgumentException("must set volume destination in --mount " + text);
        }
        return switch (type) {
            case "bind" -> new OfVolume(Volumes.of(bindSource(source, text), destination, options));
            case "volume" -> new OfVolume(Volumes.of(source, destination, options));
            case "tmpfs" -> new OfTmpfs(Volumes.containerPath(destination), String.join(",", options));
            case "image" ->
                new OfImage(new ImageMount(
                        imageSource(source, text), Volumes.containerPath(destination), options.contains("rw")));
            case "devpts" -> new OfTerminals(Volumes.containerPath(destination), options);
            default -> throw new IllegalArgumentException("invalid filesystem type \"" + type + "\"");
        };
    }

    private static String imageSource(String source, String text) {
        if (source.isEmpty()) {
            throw new IllegalArgumentException("must set source of the image in --mount " + text);
        }
        return source;
    }

    private static String bindSource(String source, String text) {
        if (source.isEmpty()) {
            throw new IllegalArgumentException("must set source of the bind mount in --mount " + text);
        }
        return source.startsWith("/") || source.startsWith(".") ? source : "./" + source;
    }

    private static boolean isFalse(String value) {
        return value.equalsIgnoreCase("false");
    }
}
