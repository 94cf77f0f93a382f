package dev.ctr.archive.inspect;

import dev.ctr.criu.image.Mapping;

/**
 * How much memory an archive has of a mapping, in bytes. What a mapping has beyond that was never written to, or is in the file
 * that it shows.
 *
 * @param mapping the mapping
 * @param present in the checkpoint itself
 * @param zero of what is stored anywhere in the archive, pages that are zeros
 * @param parent in the checkpoints before it
 * @param lazy left for the source to give
 * @param missing in a checkpoint before it that the archive does not have
 */
public record MappingMemory(Mapping mapping, long present, long zero, long parent, long lazy, long missing) {}
