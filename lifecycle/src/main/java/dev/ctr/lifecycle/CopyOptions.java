package dev.ctr.lifecycle;

/**
 * How files are copied into or out of a container.
 *
 * @param chown whether the copies belong to the container's user, or on the host to who copies, and not to whom the originals do
 * @param overwrite whether a directory may replace what is none, and the other way round
 */
public record CopyOptions(boolean chown, boolean overwrite) {
    /** podman's. */
    public static final CopyOptions DEFAULT = new CopyOptions(true, false);
}
