package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.CommitOptions;
import dev.ctr.lifecycle.image.ManifestFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr commit}: makes an image of a container. */
@Command(
        name = "commit",
        description = "Make an image of a container's image and what the container changed",
        footer = {
            "",
            "Examples:",
            "  ctr commit web my/web:2",
            "  ctr commit --pause --author me web",
            "  ctr commit -c CMD=/bin/sh -c 'ENV LANG=C.UTF-8' -f docker -m 'with a shell' web my/web:3"
        })
public final class CommitCommand extends Verb {
    @Option(
            names = {"-a", "--author"},
            paramLabel = "TEXT",
            description = "Who made it")
    private String author = "";

    @Option(
            names = {"-c", "--change"},
            paramLabel = "INSTRUCTION",
            description =
                    "Apply CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR to the image")
    private List<String> changes = new ArrayList<>();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "oci|docker",
            description = "The form of the manifest (default: oci)")
    private String format = "oci";

    @Option(names = "--iidfile", paramLabel = "FILE", description = "Write the image's ID to this file")
    private String idFile = "";

    @Option(names = "--include-volumes", description = "Make the container's volumes volumes of the image")
    private boolean includeVolumes;

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "A remark for the image's history (docker format only)")
    private String message = "";

    @Option(
            names = {"-p", "--pause"},
            arity = "0..1",
            fallbackValue = "true",
            description = "Pause the container meanwhile, so that all files are of one moment")
    private boolean pause;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only the ID, as always")
    @SuppressWarnings("UnusedVariable") // accepted as podman does; there is nothing more to say
    private boolean quiet;

    @Option(
            names = {"-s", "--squash"},
            description = "Make an image of one layer")
    private boolean squash;

    @Parameters(
            paramLabel = "CONTAINER [IMAGE]",
            hideParamSyntax = true,
            description = "The container, and the image's name")
    private List<String> arguments = new ArrayList<>();

    public CommitCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.isEmpty() || arguments.size() > 2) {
            throw new Failure("accepts between 1 and 2 arg(s), received " + arguments.size());
        }
        ManifestFormat manifest = ManifestFormat.parse(format);
        boolean building = changes.stream()
                .anyMatch(change -> change.strip().toUpperCase(Locale.ROOT).startsWith("ONBUILD"));
        if (building && manifest == ManifestFormat.OCI) {
            ctr.warn("ONBUILD is not supported for OCI image format, it is ignored. Must use `docker` format");
        }
        CommitOptions options = new CommitOptions(
                arguments.size() == 2 ? arguments.get(1) : "",
                author,
                message,
                changes,
                manifest,
                pause,
                squash,
                includeVolumes);
        String id =
                ctr.engine().container(arguments.get(0)).commit(options).id().hex();
        if (!idFile.isEmpty()) {
            write(id);
        }
        ctr.output().line(id);
        return ExitCode.OK;
    }

    private void write(String id) {
        try {
            Files.writeString(Path.of(idFile), id);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot write the image's ID to " + idFile + ": " + e.getMessage(), e);
        }
    }
}
