/**
 * The agent: gRPC over mutual TLS between hosts. {@link dev.ctr.agent.AgentServer} serves, {@link dev.ctr.agent.AgentChannel}
 * connects, {@link dev.ctr.agent.Peer} tells a service who calls. docs/agent-protocol.md says what goes over the wire.
 */
@NullMarked
package dev.ctr.agent;

import org.jspecify.annotations.NullMarked;
