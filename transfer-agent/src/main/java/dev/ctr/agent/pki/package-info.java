/** A small certificate authority for agents, for those who have none. */
@NullMarked
package dev.ctr.agent.pki;

import org.jspecify.annotations.NullMarked;
