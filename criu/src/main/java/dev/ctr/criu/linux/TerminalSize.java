package dev.ctr.criu.linux;

/**
 * A terminal's size in characters.
 *
 * @param rows its height
 * @param columns its width
 */
public record TerminalSize(int rows, int columns) {}
