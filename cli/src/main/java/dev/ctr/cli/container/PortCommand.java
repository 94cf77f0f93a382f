package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.network.PortMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr port}: tells where a running container's ports are published. */
@Command(
        name = "port",
        description = "Tell where the ports of a running container are published",
        footer = {"", "Examples:", "  ctr port web", "  ctr port web 80/tcp", "  ctr port --all"})
public final class PortCommand extends Verb {
    @Option(
            names = {"-a", "--all"},
            description = "Of all running containers")
    private boolean all;

    @Option(
            names = {"-l", "--latest"},
            description = "Of the container that was created last")
    private boolean latest;

    @Parameters(
            paramLabel = "CONTAINER [PORT[/PROTOCOL]]",
            hideParamSyntax = true,
            description = "A name or ID, and one of its ports")
    private List<String> arguments = new ArrayList<>();

    public PortCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (all && latest) {
            throw new Failure("--all and --latest cannot be used together");
        }
        if (all && !arguments.isEmpty()) {
            throw new Failure("no additional arguments can be used with --all");
        }
        if (arguments.isEmpty() && !all && !latest) {
            throw new Failure("you must supply a running container name or id");
        }
        if (all) {
            ctr.engine()
                    .containers()
                    .forEach(container -> print(container, container.id().abbreviated() + "\t"));
            return ExitCode.OK;
        }
        List<String> rest = latest ? arguments : arguments.subList(1, arguments.size());
        if (rest.size() > 1) {
            throw new Failure("accepts at most 1 port, received " + rest.size());
        }
        Container container =
                latest ? Target.latest(ctr.engine()).container() : ctr.engine().container(arguments.get(0));
        if (rest.isEmpty()) {
            print(container, "");
        } else {
            printOne(container, rest.get(0));
        }
        return ExitCode.OK;
    }

    private void print(Container container, String prefix) {
        published(container)
                .forEach(port -> ctr.output()
                        .line(prefix + port.containerPort() + "/" + port.protocol() + " -> " + address(port)));
    }

    private void printOne(Container container, String text) {
        String[] parts = text.split("/", 2);
        if (!parts[0].matches("\\d{1,5}")) {
            throw new Failure("\"" + text + "\" is not a port: write PORT or PORT/PROTOCOL");
        }
        String wanted = Integer.parseInt(parts[0]) + "/" + (parts.length == 1 ? "tcp" : parts[1]);
        List<PortMapping> found = published(container)
                .filter(port -> wanted.equals(port.containerPort() + "/" + port.protocol()))
                .toList();
        if (found.isEmpty() && isRunning(container)) {
            throw new Failure("failed to find published port \"" + text + "\"");
        }
        found.forEach(port -> ctr.output().line(address(port)));
    }

    /** Those of a container that does not run lead nowhere. */
    private static Stream<PortMapping> published(Container container) {
        return isRunning(container)
                ? container.config().ports().stream().flatMap(port -> port.single().stream())
                : Stream.empty();
    }

    private static boolean isRunning(Container container) {
        return container.state().status() == ContainerStatus.RUNNING;
    }

    private static String address(PortMapping port) {
        String ip = port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp();
        return (ip.contains(":") ? "[" + ip + "]" : ip) + ":" + port.hostPort();
    }
}
