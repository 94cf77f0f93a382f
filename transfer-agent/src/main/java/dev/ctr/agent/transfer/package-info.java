/**
 * Byte streams between two agents: cut into chunks, carried by any number of connections, each chunk bound by its hash to its
 * migration and its place, put in order again by the receiver in bounded memory, and resumed after a connection broke.
 */
@NullMarked
package dev.ctr.agent.transfer;

import org.jspecify.annotations.NullMarked;
