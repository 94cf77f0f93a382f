package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.value.KeyValue;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.storage.VolumeStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr volume create}: makes an empty volume. */
@Command(
        name = "create",
        description = "Make an empty volume and print its name",
        footer = {
            "",
            "Examples:",
            "  ctr volume create data",
            "  ctr volume create --label tier=db data",
            "  ctr volume create --opt type=none --opt o=bind --opt device=/srv/data data"
        })
public final class VolumeCreateCommand extends Verb {
    @Option(
            names = {"-l", "--label"},
            paramLabel = "KEY=VALUE",
            description = "Add a label")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = {"-d", "--driver"},
            paramLabel = "local",
            defaultValue = "local",
            description = "Only the local driver is known")
    private String driver = "local";

    @Option(
            names = {"-o", "--opt"},
            paramLabel = "KEY=VALUE",
            description =
                    "o=uid=UID,gid=GID for an owner; type=none, o=bind and device=DIR for a directory of the host")
    private List<String> driverOptions = new ArrayList<>();

    @Option(names = "--ignore", description = "Do not fail if there is such a volume")
    private boolean ignore;

    @Parameters(paramLabel = "[NAME]", hideParamSyntax = true, description = "Its name; by default a random one")
    private List<String> names = new ArrayList<>();

    public VolumeCreateCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (names.size() > 1) {
            throw new Failure("accepts at most 1 arg(s), received " + names.size());
        }
        if (!driver.equals("local")) {
            throw new Failure("volume " + (names.isEmpty() ? "" : names.get(0) + " ") + "uses volume plugin " + driver
                    + " but it could not be retrieved: no volume plugin with name " + driver
                    + " available: required plugin missing");
        }
        ctr.output().line(create(pairs(labels), pairs(driverOptions)));
        return ExitCode.OK;
    }

    private static Map<String, String> pairs(List<String> texts) {
        Map<String, String> pairs = new LinkedHashMap<>();
        texts.stream().map(KeyValue::parse).forEach(pair -> pairs.put(pair.key(), pair.value()));
        return pairs;
    }

    private String create(Map<String, String> labelMap, Map<String, String> options) {
        VolumeStore volumes = ctr.engine().volumes();
        if (names.isEmpty()) {
            return volumes.createUnnamed(labelMap, options).name();
        }
        try {
            return volumes.create(names.get(0), labelMap, options, false).name();
        } catch (EngineException e) {
            if (ignore && e.code() == EngineException.Code.ALREADY_EXISTS) {
                return names.get(0);
            }
            throw e;
        }
    }
}
