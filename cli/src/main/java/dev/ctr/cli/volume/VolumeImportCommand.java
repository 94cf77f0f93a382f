package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr volume import}: unpacks a tar into a volume. */
@Command(
        name = "import",
        description = "Unpack a tar into a volume, over what it holds",
        footer = {"", "Examples:", "  ctr volume import data data.tar", "  tar -C dir -c . | ctr volume import data -"})
public final class VolumeImportCommand extends Verb {
    private static final String STANDARD_INPUT = "-";

    @Parameters(
            paramLabel = "VOLUME [FILE|-]",
            hideParamSyntax = true,
            description = "The volume and the tar, also compressed (default: standard input)")
    private List<String> arguments = new ArrayList<>();

    public VolumeImportCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.isEmpty() || arguments.size() > 2) {
            throw new Failure("accepts between 1 and 2 arg(s), received " + arguments.size());
        }
        String source = arguments.size() == 2 ? arguments.get(1) : STANDARD_INPUT;
        if (source.equals(STANDARD_INPUT)) {
            ctr.engine().volumes().importFrom(ctr.streams().in(), arguments.get(0));
            return ExitCode.OK;
        }
        try (InputStream tar = Files.newInputStream(Path.of(source))) {
            ctr.engine().volumes().importFrom(tar, arguments.get(0));
            return ExitCode.OK;
        } catch (NoSuchFileException e) {
            throw new Failure(ExitCode.CTR, "open " + source + ": no such file or directory", e);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read " + source + ": " + e.getMessage(), e);
        }
    }
}
