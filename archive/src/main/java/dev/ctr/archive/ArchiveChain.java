package dev.ctr.archive;

import java.util.Optional;

/**
 * Where an archive stands in a chain of pre-checkpoints: each level holds the pages that changed since the one below.
 *
 * @param id what all levels of the chain have in common: 32 hexadecimal digits, drawn when its first level is made
 * @param level the topmost level that this archive holds, counted from 1, the first pre-checkpoint
 * @param lowest the lowest level that this archive holds; {@code level} if it holds one alone, 1 if it holds the whole chain
 * @param parent what the level below {@code lowest} is: its SHA-256 digest in hexadecimal, as that level's own archive or
 *     directory gives it; empty if there is none below
 */
public record ArchiveChain(String id, int level, int lowest, Optional<String> parent) {
    /** Checks the numbers. */
    public ArchiveChain {
        if (lowest < 1 || level < lowest) {
            throw new IllegalArgumentException("an archive cannot hold the levels " + lowest + " to " + level);
        }
    }
}
