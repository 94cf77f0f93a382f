package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.StandardStream;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CopyLocation;
import dev.ctr.lifecycle.CopyOptions;
import dev.ctr.lifecycle.EngineException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr cp}: copies files into containers, out of them, and between them. */
@Command(
        name = "cp",
        description = "Copy files into a container, out of one, or from one into another",
        footer = {
            "",
            "A path in a container is CONTAINER:PATH. A directory is copied into a destination that exists, and under the",
            "destination's name otherwise; with /. at its end, only its content is copied. - stands for a tar on standard input",
            "or output.",
            "",
            "Examples:",
            "  ctr cp conf web:/etc/web.conf",
            "  ctr cp web:/var/log .",
            "  ctr cp site/. web:/srv",
            "  ctr cp web:/srv other:/srv-copy",
            "  ctr cp web:/srv - | tar -tv"
        })
public final class CopyCommand extends Verb {
    private static final String STREAM = "-";
    private static final int BUFFER = 1 << 16;

    @Option(
            names = {"-a", "--archive"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Give the copies to the container's user, or on the host to oneself (default: true)")
    private boolean archive = true;

    @Option(names = "--overwrite", description = "Let directories replace what is none, and the other way round")
    private boolean overwrite;

    @Parameters(
            paramLabel = "[CONTAINER:]SOURCE|- [CONTAINER:]DESTINATION|-",
            hideParamSyntax = true,
            description = "From where, and to where")
    private List<String> arguments = new ArrayList<>();

    public CopyCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 2) {
            throw new Failure("accepts 2 arg(s), received " + arguments.size());
        }
        String from = arguments.get(0);
        String to = arguments.get(1);
        if (lacksPath(from) || lacksPath(to)) {
            throw new Failure("invalid arguments \"" + from + "\", \"" + to + "\": you must specify paths");
        }
        if (!isInContainer(from) && !isInContainer(to)) {
            throw new Failure("name or ID cannot be empty: one of the paths must be CONTAINER:PATH");
        }
        copy(from, to).forEach(ctr::warn);
        return ExitCode.OK;
    }

    private List<String> copy(String from, String to) {
        CopyOptions options = new CopyOptions(archive, overwrite);
        if (from.equals(STREAM)) {
            CopyLocation.InContainer target = inContainer(to);
            return target.container()
                    .copyFromArchive(target.path(), ctr.streams().in(), options);
        }
        if (to.equals(STREAM)) {
            return copyToStandardOutput(inContainer(from));
        }
        return ctr.engine().copy(location(from), location(to), options);
    }

    private List<String> copyToStandardOutput(CopyLocation.InContainer source) {
        if (StandardStream.OUTPUT.isTerminal()) {
            throw new Failure("refusing to write a tar to the terminal: redirect standard output");
        }
        try {
            OutputStream out = new BufferedOutputStream(ctr.streams().out(), BUFFER);
            List<String> warnings = source.container().copyToArchive(source.path(), out);
            out.flush();
            return warnings;
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot write the tar: " + e.getMessage(), e);
        }
    }

    /** Anything with a colon, but what is plainly a path. */
    private static boolean isInContainer(String argument) {
        return argument.indexOf(':') > 0 && !argument.startsWith(".") && !argument.startsWith("/");
    }

    private static boolean lacksPath(String argument) {
        return argument.endsWith(":") && isInContainer(argument);
    }

    private CopyLocation location(String argument) {
        return isInContainer(argument) ? inContainer(argument) : new CopyLocation.OnHost(argument);
    }

    private CopyLocation.InContainer inContainer(String argument) {
        int colon = argument.indexOf(':');
        String name = argument.substring(0, Math.max(0, colon));
        try {
            Container container = ctr.engine().container(name);
            return new CopyLocation.InContainer(container, argument.substring(colon + 1));
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                throw new Failure(ExitCode.CTR, "container \"" + name + "\" does not exist", e);
            }
            throw e;
        }
    }
}
