package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.ProgressDisplay;
import dev.ctr.cli.output.ProgressFlag;
import dev.ctr.cli.output.StandardStream;
import dev.ctr.lifecycle.Container;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr export}: writes a container's root file system as a tar. */
@Command(
        name = "export",
        description = "Write a container's root file system as a tar, without volumes and mounts",
        footer = {
            "",
            "Examples:",
            "  ctr export -o web.tar web",
            "  ctr export web | tar -tv",
            "  ctr export web | ctr import - web-flat"
        })
public final class ExportCommand extends Verb {
    private static final int BUFFER = 1 << 16;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The tar (default: standard output, which must not be a terminal)")
    private String output = "";

    @Mixin
    private ProgressFlag progress = new ProgressFlag();

    @Parameters(paramLabel = "CONTAINER", hideParamSyntax = true, description = "A name, an ID or its beginning")
    private List<String> arguments = new ArrayList<>();

    public ExportCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 1) {
            throw new Failure("accepts 1 arg(s), received " + arguments.size());
        }
        if (output.isEmpty() && StandardStream.OUTPUT.isTerminal()) {
            throw new Failure("refusing to export to terminal. Use -o flag or redirect");
        }
        Container container = ctr.engine().container(arguments.get(0));
        if (output.isEmpty()) {
            export(container, ctr.streams().out());
        } else {
            exportToFile(container, Path.of(output));
        }
        return ExitCode.OK;
    }

    /** Into a new file beside it first, so that a failure leaves what was there; into a device or pipe as it is. */
    private void exportToFile(Container container, Path file) {
        boolean replaceable = Files.notExists(file) || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
        Path partial = file.resolveSibling(
                file.getFileName() + ".partial-" + ProcessHandle.current().pid());
        Path written = replaceable ? partial : file;
        try {
            try (OutputStream out = Files.newOutputStream(written)) {
                export(container, out);
            }
            if (replaceable) {
                Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot write " + file + ": " + e.getMessage(), e);
        } finally {
            forget(partial);
        }
    }

    private void forget(Path partial) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            ctr.warn("cannot delete " + partial + ": " + e.getMessage());
        }
    }

    private void export(Container container, OutputStream stream) {
        try (ProgressDisplay display = progress.open(ctr.streams().err())) {
            OutputStream buffered = new BufferedOutputStream(stream, BUFFER);
            container.export(buffered, display).forEach(ctr::warn);
            buffered.flush();
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot write the tar: " + e.getMessage(), e);
        }
    }
}
