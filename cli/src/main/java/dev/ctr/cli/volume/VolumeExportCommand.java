package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr volume export}: writes a volume's content as a tar. */
@Command(
        name = "export",
        description = "Write a volume's content as a tar",
        footer = {
            "",
            "Examples:",
            "  ctr volume export --output data.tar data",
            "  ctr volume export data | ssh other ctr volume import data -"
        })
public final class VolumeExportCommand extends Verb {
    private static final int BUFFER = 1 << 16;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The tar (default: standard output)")
    private @Nullable Path output;

    @Parameters(paramLabel = "VOLUME", hideParamSyntax = true, description = "Its name")
    private List<String> arguments = new ArrayList<>();

    public VolumeExportCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 1) {
            throw new Failure("accepts 1 arg(s), received " + arguments.size());
        }
        String name = arguments.get(0);
        if (output == null) {
            export(name, ctr.streams().out());
        } else {
            export(name, output);
        }
        return ExitCode.OK;
    }

    /** What was written of a tar that could not be finished is of no use. */
    private void export(String name, Path file) {
        if (ctr.engine().volumes().find(name).isEmpty()) {
            throw new EngineException(
                    EngineException.Code.NO_SUCH_VOLUME, "no volume with name \"" + name + "\" found: no such volume");
        }
        try (OutputStream out = Files.newOutputStream(file)) {
            export(name, out);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot write " + file + ": " + e.getMessage(), e);
        } catch (EngineException e) {
            file.toFile().delete();
            throw e;
        }
    }

    private void export(String name, OutputStream out) {
        BufferedOutputStream buffered = new BufferedOutputStream(out, BUFFER);
        ctr.engine().volumes().exportTo(buffered, name);
        try {
            buffered.flush();
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot write the content of " + name + ": " + e.getMessage(), e);
        }
    }
}
