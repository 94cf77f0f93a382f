/** Tests of migrations, as far as they need no container. */
@NullMarked
package dev.ctr.agent.migration;

import org.jspecify.annotations.NullMarked;
