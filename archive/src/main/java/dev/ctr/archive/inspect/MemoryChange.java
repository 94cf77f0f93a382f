package dev.ctr.archive.inspect;

/**
 * How the memory of a mapping changed from one checkpoint to another, in bytes.
 *
 * @param pid whose mapping
 * @param command that process's short name
 * @param mapping the mapping as text: addresses, permissions and name
 * @param changed both have these pages, and they differ
 * @param added only the second has these pages
 * @param removed only the first has these pages
 */
public record MemoryChange(int pid, String command, String mapping, long changed, long added, long removed) {}
