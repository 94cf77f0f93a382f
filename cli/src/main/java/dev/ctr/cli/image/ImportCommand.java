package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr import}: makes an image of a root file system's tar. */
@Command(
        name = "import",
        description = "Make an image of a root file system's tar",
        footer = {
            "",
            "Examples:",
            "  ctr import rootfs.tar.gz my/base:1",
            "  ctr import --change CMD=/bin/sh --change ENV=LANG=C.UTF-8 rootfs.tar base",
            "  tar -C rootfs -c . | ctr import - base"
        })
public final class ImportCommand extends Verb {
    private static final String STANDARD_INPUT = "-";

    @Option(
            names = {"-c", "--change"},
            paramLabel = "INSTRUCTION",
            description = "Apply CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR")
    private List<String> changes = new ArrayList<>();

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "A remark for the image's history")
    private String message = "";

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only the ID, as always")
    @SuppressWarnings("UnusedVariable") // accepted as podman does; there is nothing more to say
    private boolean quiet;

    @Parameters(paramLabel = "FILE|- [NAME]", hideParamSyntax = true, description = "The tar and the image's name")
    private List<String> arguments = new ArrayList<>();

    public ImportCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.isEmpty() || arguments.size() > 2) {
            throw new Failure("accepts between 1 and 2 arg(s), received " + arguments.size());
        }
        String name = arguments.size() == 2 ? arguments.get(1) : "";
        Image image = importFrom(arguments.get(0), new ImportOptions(name, changes, message));
        ctr.output().line("sha256:" + image.id().hex());
        return ExitCode.OK;
    }

    private Image importFrom(String file, ImportOptions options) {
        if (file.equals(STANDARD_INPUT)) {
            return ctr.engine().images().importTar(ctr.streams().in(), options);
        }
        try (InputStream tar = Files.newInputStream(Path.of(file))) {
            return ctr.engine().images().importTar(tar, options);
        } catch (NoSuchFileException e) {
            throw new Failure(ExitCode.CTR, "cannot import " + file + ": no such file", e);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot import " + file + ": " + e.getMessage(), e);
        }
    }
}
