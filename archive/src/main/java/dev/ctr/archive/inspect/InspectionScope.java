package dev.ctr.archive.inspect;

/**
 * What is to be found out of a checkpoint.
 *
 * @param commandLines the command lines of processes, which are in their memory
 * @param environment the environments of processes, which are there too
 * @param files what processes have open
 * @param memory how much memory there is of each mapping
 */
public record InspectionScope(boolean commandLines, boolean environment, boolean files, boolean memory) {}
