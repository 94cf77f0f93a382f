package dev.ctr.lifecycle;

import java.time.Duration;

/**
 * What a restore does before it calls the runtime.
 *
 * @param unpack reading, verifying and unpacking the archive, and checking what it asks for
 * @param files making the root file system and the volumes what they were
 * @param prepare mounts, network, bundle, and the content of /dev/shm
 */
public record RestorePhases(Duration unpack, Duration files, Duration prepare) {}
