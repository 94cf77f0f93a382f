package dev.ctr.criu.image;

/**
 * A descriptor of a process.
 *
 * @param number the descriptor
 * @param type CRIU's word for the kind of file, such as REG or INETSK
 * @param file what it refers to
 */
public record OpenDescriptor(int number, String type, OpenFile file) {}
