/** Tests of byte streams between agents. */
@NullMarked
package dev.ctr.agent.transfer;

import org.jspecify.annotations.NullMarked;
