package dev.ctr.lifecycle;

import java.nio.file.Path;

/** One end of a copy: a file or directory, or what is to become one. A path that ends in {@code /.} means a directory's content. */
public sealed interface CopyLocation {
    /** The path as it was given. */
    String path();

    /**
     * On this host.
     *
     * @param path absolute, or relative to the working directory
     */
    record OnHost(String path) implements CopyLocation {
        /** The same as an absolute path, with what its end says kept. */
        String absolute() {
            return path.startsWith("/") ? path : Path.of("").toAbsolutePath() + "/" + path;
        }
    }

    /**
     * In a container.
     *
     * @param path absolute, or relative to the root
     */
    record InContainer(Container container, String path) implements CopyLocation {}
}
