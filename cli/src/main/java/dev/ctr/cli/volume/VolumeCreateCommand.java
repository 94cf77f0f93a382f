package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.value.KeyValue;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.storage.Volume;
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
        footer = {"", "Examples:", "  ctr volume create data", "  ctr volume create --label tier=db data"})
public final class VolumeCreateCommand extends Verb {
    @Option(
            names = {"-l", "--label"},
            paramLabel = "KEY=VALUE",
            description = "Add a label")
    private List<String> labels = new ArrayList<>();

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
        Map<String, String> labelMap = new LinkedHashMap<>();
        labels.stream().map(KeyValue::parse).forEach(label -> labelMap.put(label.key(), label.value()));
        ctr.output().line(create(labelMap));
        return ExitCode.OK;
    }

    private String create(Map<String, String> labelMap) {
        VolumeStore volumes = ctr.engine().volumes();
        if (names.isEmpty()) {
            Volume volume = volumes.createAnonymous();
            return volume.name();
        }
        try {
            return volumes.create(names.get(0), labelMap, Map.of(), false).name();
        } catch (EngineException e) {
            if (ignore && e.code() == EngineException.Code.ALREADY_EXISTS) {
                return names.get(0);
            }
            throw e;
        }
    }
}
