package dev.ctr.criu.image;

/**
 * What a thread was allowed to do when it was dumped, and will be again.
 *
 * @param thread its number
 * @param capabilities those that are in any of its five sets, the one with number N as bit N
 * @param filtered whether a seccomp filter, or strict mode, limits its system calls
 * @param noNewPrivileges whether programs that it runs gain nothing by set-user-ID bits or file capabilities
 * @param securityProfile its profile of a security module such as AppArmor; empty if it has none
 */
public record ThreadPrivileges(
        int thread, long capabilities, boolean filtered, boolean noNewPrivileges, String securityProfile) {}
