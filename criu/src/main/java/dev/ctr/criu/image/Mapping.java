package dev.ctr.criu.image;

/**
 * A part of an address space. Addresses are unsigned.
 *
 * @param start first address
 * @param end the address behind the last
 * @param permissions as in /proc/PID/maps: {@code rw-p}
 * @param name the path of a mapped file, {@code [heap]}, {@code [stack]} and the like; empty for anonymous memory
 * @param offset bytes from the beginning of the file or shared segment
 * @param segment the number of the shared segment whose content it shows, 0 for memory of its own
 */
public record Mapping(long start, long end, String permissions, String name, long offset, long segment) {
    /** Bytes. */
    public long size() {
        return end - start;
    }
}
