package dev.ctr.lifecycle;

import java.io.IOException;

/**
 * Something to do with files that has a result.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface IoWork<T> {
    /** Does it. */
    T run() throws IOException;
}
