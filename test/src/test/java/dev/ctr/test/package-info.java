/** Acceptance tests: the {@code ctr} command on real runc, conmon, CRIU, CNI plugins and skopeo. */
@NullMarked
package dev.ctr.test;

import org.jspecify.annotations.NullMarked;
