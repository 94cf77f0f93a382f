package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.terminal.Attachment;
import dev.ctr.lifecycle.Container;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr attach}: connects this terminal's streams to those of a running container. */
@Command(
        name = "attach",
        description = "Connect to the standard streams of a running container; the exit code is the container's",
        footer = {
            "",
            "Examples:",
            "  ctr attach web",
            "  ctr attach --no-stdin web",
            "  ctr attach --detach-keys ctrl-a,d shell"
        })
public final class AttachCommand extends Verb {
    @Mixin
    private DetachKeysFlag detachKeys = new DetachKeysFlag();

    @Option(names = "--no-stdin", description = "Do not connect standard input")
    private boolean noInput;

    @Option(
            names = "--sig-proxy",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Pass signals on to the container (default: true)")
    private boolean signalProxy = true;

    @Option(
            names = {"-l", "--latest"},
            description = "The container that was created last")
    private boolean latest;

    @Parameters(paramLabel = "CONTAINER", description = "A name, ID or unambiguous beginning of an ID")
    private List<String> names = new ArrayList<>();

    public AttachCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Container container = container();
        return Attachment.of(ctr)
                .terminal(container.config().terminal())
                .input(!noInput)
                .detachKeys(detachKeys.keys())
                .passSignalsTo(signalProxy ? container::kill : Attachment.NO_SIGNALS)
                .run(container::attach);
    }

    private Container container() {
        if (names.size() > 1 || (latest && !names.isEmpty())) {
            throw new Failure("`ctr attach` accepts at most one argument");
        }
        if (names.isEmpty() && !latest) {
            throw new Failure("\"ctr attach\" requires a name, id, or the \"--latest\" flag");
        }
        return latest ? Target.latest(ctr.engine()).container() : ctr.engine().container(names.get(0));
    }
}
