package dev.ctr.lifecycle.top;

import java.util.function.LongFunction;

/**
 * How the container's root file system names users and groups.
 *
 * @param user the name of a user by number
 * @param group the name of a group by number
 */
public record IdNames(LongFunction<String> user, LongFunction<String> group) {}
