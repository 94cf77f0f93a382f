/** Tests of the agent's figures. */
@NullMarked
package dev.ctr.agent.metrics;

import org.jspecify.annotations.NullMarked;
