package dev.ctr.criu.image;

import java.util.List;

/**
 * A process as it was dumped. Process numbers are those of its own namespace; numbers of users are the container's.
 *
 * @param pid its number
 * @param parent its parent's number, 0 if that is not in the dump
 * @param group its process group
 * @param session its session
 * @param threads the numbers of its threads, its own among them
 * @param name the short name that the kernel keeps
 * @param state what it did
 * @param exitStatus for a {@link State#ZOMBIE zombie}, its status as wait(2) tells it; else 0
 * @param uid real user
 * @param gid real group
 * @param filesId which set of descriptors it uses; processes may share one; 0 if it has none
 */
public record DumpedProcess(
        int pid,
        int parent,
        int group,
        int session,
        List<Integer> threads,
        String name,
        State state,
        int exitStatus,
        long uid,
        long gid,
        int filesId) {
    /** What a process may be found doing. */
    public enum State {
        /** Running or waiting. */
        ALIVE,
        /** Ended, and CRIU keeps it for its number. */
        DEAD,
        /** Stopped by a signal. */
        STOPPED,
        /** Ended, and its parent has not asked yet. */
        ZOMBIE,
        /** Something that a newer CRIU writes. */
        UNKNOWN;

        static State of(int number) {
            return switch (number) {
                case 1 -> ALIVE;
                case 2 -> DEAD;
                case 3 -> STOPPED;
                case 6 -> ZOMBIE;
                default -> UNKNOWN;
            };
        }
    }

    /** Makes the list immutable. */
    public DumpedProcess {
        threads = List.copyOf(threads);
    }
}
