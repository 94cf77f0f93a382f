package dev.ctr.cli.archive;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.ArchiveManifest;
import dev.ctr.archive.ArchiveVerification;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.ExtractionLimits;
import dev.ctr.archive.Identities;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr archive verify}: tells whether archives are byte for byte as they were written. */
@Command(
        name = "verify",
        description = "Tell whether archives are byte for byte as they were written",
        footer = {
            "",
            "Exits with 0 only if all of them are. An archive without ctr's manifest cannot be verified.",
            "",
            "Examples:",
            "  ctr archive verify web.tar.zst",
            "  ctr archive verify --identity key.txt web.tar.zst.age",
            "  ssh other cat web.tar.zst | ctr archive verify -"
        })
public final class ArchiveVerifyCommand extends Verb {
    private static final int INDENTATION = 2;
    private static final String STANDARD_INPUT = "-";

    @Option(
            names = {"-f", "--format"},
            paramLabel = "json",
            description = "Print a JSON array with an object for each archive")
    private String format = "";

    @Mixin
    private IdentityFlag identity = new IdentityFlag();

    @Parameters(paramLabel = "FILE|-", description = "Archives, or standard input")
    private List<String> files = new ArrayList<>();

    public ArchiveVerifyCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (files.isEmpty()) {
            throw new Failure("you must provide at least one archive");
        }
        if (!format.isEmpty() && !format.equals("json")) {
            throw new Failure("invalid value \"" + format + "\" for --format: it must be json");
        }
        Identities identities = identity.identities();
        List<ObjectNode> results = new ArrayList<>();
        int exitCode = ctr.each(files, file -> {
            ArchiveVerification found = verify(file, identities);
            results.add(toJson(file, found));
            if (found.isIntact() && format.isEmpty()) {
                ctr.output().line(intact(file, found));
            }
            if (!found.isIntact()) {
                throw new Failure(wrong(file, found));
            }
        });
        if (!format.isEmpty()) {
            ctr.output()
                    .line(JsonText.indented(JsonNodeFactory.instance.arrayNode().addAll(results), INDENTATION));
        }
        return exitCode;
    }

    private ArchiveVerification verify(String file, Identities identities) {
        try (CheckpointArchiveReader reader = file.equals(STANDARD_INPUT)
                ? CheckpointArchiveReader.of(
                        ctr.streams().in(), "standard input", identities, ExtractionLimits.GENEROUS)
                : CheckpointArchiveReader.open(Path.of(file), identities, ExtractionLimits.GENEROUS)) {
            return reader.verify();
        } catch (ArchiveException e) {
            if (e.code() == ArchiveException.Code.ENCRYPTED) {
                throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
            }
            return ArchiveVerification.damaged(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot verify " + file + ": " + e.getMessage(), e);
        }
    }

    private static String intact(String file, ArchiveVerification found) {
        String digest = found.manifest().map(ArchiveManifest::digest).orElse("");
        return "%s: intact, %d entries, %d bytes, digest sha256:%s"
                .formatted(file, found.entries(), found.rawBytes(), digest);
    }

    private static String wrong(String file, ArchiveVerification found) {
        if (!found.differences().isEmpty()) {
            return file + " is not as it was written: " + String.join("; ", found.differences());
        }
        return file + " has no manifest, so nothing in it can be verified: it was written by another program than ctr";
    }

    private static ObjectNode toJson(String file, ArchiveVerification found) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("archive", file).put("intact", found.isIntact());
        json.put("manifest", found.manifest().isPresent());
        found.manifest()
                .ifPresent(manifest -> json.put("digest", "sha256:" + manifest.digest())
                        .put("writer", manifest.writer())
                        .put("created", manifest.created().toString()));
        json.put("entries", found.entries()).put("bytes", found.rawBytes());
        found.differences().forEach(json.putArray("differences")::add);
        return json;
    }
}
