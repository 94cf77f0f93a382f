package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.ProgressDisplay;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Progress;
import dev.ctr.lifecycle.image.Digest;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.PushOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr push}: sends an image to a registry. */
@Command(
        name = "push",
        description = "Send an image to a registry",
        footer = {
            "",
            "Examples:",
            "  ctr push registry.example.com/team/web:1",
            "  ctr push --creds user:password web registry.example.com/team/web:1",
            "  ctr push --tls-verify=false --digestfile web.digest web 127.0.0.1:5000/web"
        })
public final class PushCommand extends Verb {
    private static final Set<String> FORMATS = Set.of("", "oci", "v2s2", "v2s1");

    @Option(names = "--digestfile", paramLabel = "FILE", description = "Write the digest of what was sent to a file")
    private @Nullable Path digestFile;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "oci|v2s2|v2s1",
            description = "The manifest's format (default: as the image has it)")
    private String format = "";

    @Option(
            names = {"-q", "--quiet"},
            description = "Do not tell how far it has come")
    private boolean quiet;

    @Mixin
    private RegistryFlags registry = new RegistryFlags();

    @Parameters(
            paramLabel = "IMAGE [DESTINATION]",
            hideParamSyntax = true,
            description = "The image, and REGISTRY/PATH[:TAG] (default: its own name)")
    private List<String> arguments = new ArrayList<>();

    public PushCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.isEmpty() || arguments.size() > 2) {
            throw new Failure("accepts between 1 and 2 arg(s), received " + arguments.size());
        }
        if (!FORMATS.contains(format)) {
            throw new Failure("unknown format \"" + format + "\". Choose one of the supported formats: 'oci', 'v2s1',"
                    + " or 'v2s2'");
        }
        String name = arguments.get(0);
        Image image = ctr.engine()
                .images()
                .find(name)
                .orElseThrow(() -> new EngineException(EngineException.Code.NO_SUCH_IMAGE, name + ": image not known"));
        Digest digest = push(image, arguments.get(arguments.size() - 1));
        if (digestFile != null) {
            write(digest, digestFile);
        }
        return ExitCode.OK;
    }

    private Digest push(Image image, String destination) {
        try (ProgressDisplay progress =
                ProgressDisplay.open(ProgressDisplay.Style.AUTO, ctr.streams().err())) {
            PushOptions options = new PushOptions(registry.toOptions(), format, quiet ? Progress.NONE : progress);
            return ctr.engine().images().push(image, destination, options);
        }
    }

    private static void write(Digest digest, Path file) {
        try {
            Files.writeString(file, digest.toString());
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.CTR,
                    "the image was sent, but its digest cannot be written to " + file + ": " + e.getMessage(),
                    e);
        }
    }
}
