package dev.ctr.criu.image;

/**
 * A mount of a mount namespace.
 *
 * @param id its number
 * @param parent the number of the mount that it is in
 * @param root what of its file system is shown
 * @param mountPoint where, in the container
 * @param type the file system's type, empty if CRIU cannot mount it anew and binds what is there
 * @param source what was mounted
 * @param options of the file system
 * @param readOnly whether nothing can be written through this mount
 * @param external whether it is bound into the container from outside, and under which key
 */
public record DumpedMount(
        int id,
        int parent,
        String root,
        String mountPoint,
        String type,
        String source,
        String options,
        boolean readOnly,
        String external) {}
