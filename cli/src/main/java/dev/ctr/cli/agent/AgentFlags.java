package dev.ctr.cli.agent;

import dev.ctr.agent.AgentChannel;
import dev.ctr.agent.HostAndPort;
import dev.ctr.cli.invocation.Invocation;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which agent a command asks, and as whom. */
final class AgentFlags {
    @Mixin
    private IdentityFlags identity = new IdentityFlags();

    @Parameters(index = "0", paramLabel = "HOST:PORT", description = "Where the agent listens")
    private String address = "";

    /** A connection to it, to be closed by the caller. */
    AgentChannel connect(Invocation ctr) {
        HostAndPort agent = HostAndPort.parse(address);
        return AgentChannel.connect(agent, identity.identity(ctr.settings().agent()));
    }
}
