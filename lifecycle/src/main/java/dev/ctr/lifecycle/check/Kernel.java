package dev.ctr.lifecycle.check;

/**
 * The kernel of this host.
 *
 * @param release such as {@code 6.1.0-18-amd64}
 * @param machine such as {@code x86_64}
 * @param cgroups {@code v1}, {@code v2}, {@code hybrid} (v1 with a v2 tree that has no controllers) or {@code none}
 */
public record Kernel(String release, String machine, String cgroups) {
    /** Whether the release is this one or newer. */
    boolean isAtLeast(int major, int minor) {
        String[] numbers = release.split("[^0-9]+", 3);
        if (numbers.length < 2 || numbers[0].isEmpty() || numbers[1].isEmpty()) {
            return false;
        }
        int ownMajor = Integer.parseInt(numbers[0]);
        return ownMajor > major || (ownMajor == major && Integer.parseInt(numbers[1]) >= minor);
    }
}
