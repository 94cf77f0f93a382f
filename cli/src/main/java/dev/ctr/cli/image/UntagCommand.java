package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageName;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr untag}: takes names from an image, all of them unless some are given. */
@Command(
        name = "untag",
        description = "Take names from an image: those given, or all",
        footer = {"", "Examples:", "  ctr untag web web:old", "  ctr untag 0e3bbc2"})
public final class UntagCommand extends Verb {
    @Parameters(paramLabel = "IMAGE [NAME...]", hideParamSyntax = true, description = "The image and the names to take")
    private List<String> arguments = new ArrayList<>();

    public UntagCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.isEmpty()) {
            throw new Failure("requires at least 1 arg(s), only received 0");
        }
        Image image = find(arguments.get(0));
        List<String> names = arguments.size() == 1
                ? image.names().stream().map(ImageName::toString).toList()
                : arguments.subList(1, arguments.size());
        for (String name : names) {
            if (!find(name).id().equals(image.id())) {
                throw new Failure(name + ": tag not known: it is a name of another image");
            }
        }
        names.forEach(ctr.engine().images()::untag);
        return ExitCode.OK;
    }

    private Image find(String name) {
        return ctr.engine()
                .images()
                .find(name)
                .orElseThrow(() -> new EngineException(EngineException.Code.NO_SUCH_IMAGE, name + ": image not known"));
    }
}
