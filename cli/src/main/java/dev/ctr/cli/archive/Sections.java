package dev.ctr.cli.archive;

import dev.ctr.archive.inspect.InspectionScope;

/**
 * What of a checkpoint is shown besides the overview.
 *
 * @param processes the process tree
 * @param environment with environments
 * @param files with open files
 * @param sockets with sockets
 * @param memory with memory by mapping
 * @param mounts what is mounted
 * @param metadata annotations, networks and volumes
 * @param statistics CRIU's counts
 */
record Sections(
        boolean processes,
        boolean environment,
        boolean files,
        boolean sockets,
        boolean memory,
        boolean mounts,
        boolean metadata,
        boolean statistics) {
    /** What has to be found out for that. */
    InspectionScope scope() {
        return new InspectionScope(processes, environment, files || sockets, memory);
    }
}
