package dev.ctr.criu.linux;

import java.nio.file.Path;
import java.util.List;

/**
 * One line of {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)), escapes decoded.
 *
 * @param id the mount's ID, unique while it is mounted
 * @param parentId the ID of the mount that it is mounted on
 * @param device the file system's device, {@code major:minor}
 * @param root the directory or file of the file system that is visible at the mount point
 * @param mountPoint where it is mounted, as this process sees it
 * @param options the mount's own options, such as {@code ro} or {@code nosuid}
 * @param propagation {@code shared:N}, {@code master:N} and the like; empty for a private mount
 * @param type the file system's type
 * @param source what was mounted, in the file system's own words
 * @param superOptions the file system's options
 */
public record Mount(
        int id,
        int parentId,
        String device,
        String root,
        Path mountPoint,
        List<String> options,
        List<String> propagation,
        String type,
        String source,
        List<String> superOptions) {

    public Mount {
        options = List.copyOf(options);
        propagation = List.copyOf(propagation);
        superOptions = List.copyOf(superOptions);
    }
}
