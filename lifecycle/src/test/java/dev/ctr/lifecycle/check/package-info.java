/** Tests that compare the check of this host with what other programs say of it. */
@NullMarked
package dev.ctr.lifecycle.check;

import org.jspecify.annotations.NullMarked;
