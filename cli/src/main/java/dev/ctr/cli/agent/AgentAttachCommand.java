package dev.ctr.cli.agent;

import dev.ctr.agent.AgentChannel;
import dev.ctr.agent.RemoteStreams;
import dev.ctr.cli.container.DetachKeysFlag;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.terminal.Attachment;
import dev.ctr.lifecycle.RemoteAttachOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr agent attach}: connects this terminal's streams to those of a container on another host. */
@Command(
        name = "attach",
        description =
                "Connect to the standard streams of a container on another host; the exit code is the container's",
        footer = {
            "",
            "Examples:",
            "  ctr agent attach host-b:7443 web",
            "  ctr agent attach --logs --no-stdin host-b:7443 web"
        })
public final class AgentAttachCommand extends Verb {
    @Mixin
    private AgentFlags agent = new AgentFlags();

    @Mixin
    private DetachKeysFlag detachKeys = new DetachKeysFlag();

    @Option(names = "--no-stdin", description = "Do not connect standard input")
    private boolean noInput;

    @Option(names = "--logs", description = "What it has written so far first")
    private boolean logs;

    @Parameters(index = "1", paramLabel = "CONTAINER", description = "A name, ID or unambiguous beginning of an ID")
    private String container = "";

    public AgentAttachCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        try (AgentChannel channel = agent.connect(ctr);
                RemoteStreams streams = RemoteStreams.open(
                        channel, container, new RemoteAttachOptions(logs, true), !noInput, detachKeys.keys())) {
            return Attachment.of(ctr)
                    .terminal(streams.terminal())
                    .input(!noInput)
                    .detachKeys(detachKeys.keys())
                    .run(streams::carry);
        }
    }
}
