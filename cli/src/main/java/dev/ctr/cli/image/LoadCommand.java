package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ctr load}: loads the images of an archive or directory. */
@Command(
        name = "load",
        description = "Load the images of an archive or directory",
        footer = {"", "Examples:", "  ctr load --input images.tar", "  ssh other podman save web | ctr load"})
public final class LoadCommand extends Verb {
    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE|DIR",
            description = "A docker or OCI archive, or the directory of one (default: standard input)")
    private String input = "";

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only what was loaded, as always")
    @SuppressWarnings("UnusedVariable") // accepted as podman does; there is nothing more to say
    private boolean quiet;

    public LoadCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        List<Image> images = input.isEmpty() ? loadStandardInput() : load(Path.of(input));
        for (Image image : images) {
            String names = image.names().stream().map(ImageName::toString).collect(Collectors.joining(", "));
            ctr.output()
                    .line("Loaded image: "
                            + (names.isEmpty() ? "sha256:" + image.id().hex() : names));
        }
        return ExitCode.OK;
    }

    private List<Image> load(Path path) {
        if (!Files.exists(path)) {
            throw new Failure("cannot load " + path + ": no such file or directory");
        }
        return ctr.engine().images().load(path);
    }

    /** An archive's table of contents may be at its end, so it is put on disk first. */
    private List<Image> loadStandardInput() {
        try {
            Path file = Files.createTempFile("ctr-load-", ".tar");
            try {
                Files.copy(ctr.streams().in(), file, StandardCopyOption.REPLACE_EXISTING);
                return ctr.engine().images().load(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot load from standard input: " + e.getMessage(), e);
        }
    }
}
