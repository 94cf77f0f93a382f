package dev.ctr.test;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a test as carrying scenarios of podman's own checkpoint tests (test/e2e/checkpoint_test.go, checkpoint_image_test.go and
 * test/system/520-checkpoint.bats), by the numbers that docs/libpod-parity.md gives them.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Upstream {
    /** The numbers of the scenarios, 1 to 49. */
    int[] value();
}
