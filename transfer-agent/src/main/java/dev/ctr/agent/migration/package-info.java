/**
 * Moving a running container to another host: the protocol of both sides, their journals, and what is done about a migration whose
 * process died. docs/agent-protocol.md tells the protocol message by message.
 */
@NullMarked
package dev.ctr.agent.migration;

import org.jspecify.annotations.NullMarked;
