package dev.ctr.cli.archive;

import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.ExtractionLimits;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.criu.linux.Trees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ctr archive extract}: unpacks an archive. */
@Command(
        name = "extract",
        description = "Unpack a checkpoint archive into a new or empty directory",
        footer = {
            "",
            "Only what belongs to a checkpoint is unpacked, as files and directories of whoever unpacks; tars inside the",
            "archive stay tars. - is standard input.",
            "",
            "Examples:",
            "  ctr archive extract web.tar.zst web",
            "  ssh other cat web.tar.zst | ctr archive extract - web"
        })
public final class ArchiveExtractCommand extends Verb {
    private static final int ARGUMENTS = 2;

    @Mixin
    private IdentityFlag identity = new IdentityFlag();

    @Parameters(paramLabel = "FILE DIR", hideParamSyntax = true, description = "The archive, and where it goes")
    private List<String> arguments = new ArrayList<>();

    public ArchiveExtractCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != ARGUMENTS) {
            throw new Failure("accepts 2 arg(s), received " + arguments.size());
        }
        Path directory = Path.of(arguments.get(1));
        try (CheckpointArchiveReader reader = open(arguments.get(0))) {
            boolean made = prepare(directory);
            try {
                reader.unpackTo(directory).warnings().forEach(ctr::warn);
            } catch (IOException e) {
                undo(directory, made);
                throw e;
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
        }
        return ExitCode.OK;
    }

    private CheckpointArchiveReader open(String file) throws IOException {
        return file.equals("-")
                ? CheckpointArchiveReader.of(
                        ctr.streams().in(), "standard input", identity.identities(), ExtractionLimits.GENEROUS)
                : CheckpointArchiveReader.open(Path.of(file), identity.identities(), ExtractionLimits.GENEROUS);
    }

    /** Whether the directory had to be made. Nobody else may look into it: memory holds secrets. */
    private static boolean prepare(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (NoSuchFileException e) {
                throw new IOException("cannot make " + directory + ": the directory above it does not exist", e);
            }
            return true;
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("cannot unpack into " + directory + ": it is no directory");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw new IOException("cannot unpack into " + directory + ": it is not empty; give a new directory");
            }
        }
        return false;
    }

    /** Deletes what was unpacked of an archive that turned out not to be whole. */
    private static void undo(Path directory, boolean made) throws IOException {
        if (made) {
            Trees.delete(directory);
            return;
        }
        List<Path> unpacked = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(unpacked::add);
        }
        for (Path entry : unpacked) {
            Trees.delete(entry);
        }
    }
}
