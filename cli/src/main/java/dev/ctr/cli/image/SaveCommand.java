package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.image.ArchiveFormat;
import dev.ctr.lifecycle.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr save}: saves an image to an archive. */
@Command(
        name = "save",
        description = "Save an image to an archive",
        footer = {
            "",
            "Examples:",
            "  ctr save --output web.tar web",
            "  ctr save --format oci-archive -o web.tar web",
            "  ctr save web | ssh other podman load"
        })
public final class SaveCommand extends Verb {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The archive (default: standard output)")
    private String output = "";

    @Option(
            names = "--format",
            paramLabel = "docker-archive|oci-archive",
            defaultValue = "docker-archive",
            description = "The archive's format (default: docker-archive)")
    private String format = ArchiveFormat.DOCKER_ARCHIVE.word();

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing, as always")
    @SuppressWarnings("UnusedVariable") // accepted as podman does; there is nothing more to say
    private boolean quiet;

    @Parameters(paramLabel = "IMAGE", hideParamSyntax = true, description = "The image's name or ID")
    private List<String> arguments = new ArrayList<>();

    public SaveCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 1) {
            throw new Failure("accepts 1 arg(s), received " + arguments.size());
        }
        ArchiveFormat archiveFormat = Arrays.stream(ArchiveFormat.values())
                .filter(known -> known.word().equals(format))
                .findFirst()
                .orElseThrow(() ->
                        new Failure("unknown format \"" + format + "\": it must be docker-archive or oci-archive"));
        String name = arguments.get(0);
        Image image = ctr.engine()
                .images()
                .find(name)
                .orElseThrow(() -> new EngineException(EngineException.Code.NO_SUCH_IMAGE, name + ": image not known"));
        if (output.isEmpty()) {
            saveToStandardOutput(image, archiveFormat);
        } else {
            ctr.engine().images().save(image, Path.of(output), archiveFormat);
        }
        return ExitCode.OK;
    }

    private void saveToStandardOutput(Image image, ArchiveFormat archiveFormat) {
        try {
            Path directory = Files.createTempDirectory("ctr-save-");
            Path archive = directory.resolve("archive.tar");
            try {
                ctr.engine().images().save(image, archive, archiveFormat);
                Files.copy(archive, ctr.streams().out());
            } finally {
                Files.deleteIfExists(archive);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot save to standard output: " + e.getMessage(), e);
        }
    }
}
