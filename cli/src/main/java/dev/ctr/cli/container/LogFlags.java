package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.value.ByteSize;
import dev.ctr.cli.value.KeyValue;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.LogSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the output of a container that is to be created is kept. */
final class LogFlags {
    @Option(
            names = "--log-driver",
            paramLabel = "DRIVER",
            description = "Where output is kept: k8s-file, json-file (the same), journald, none, passthrough")
    private @Nullable String driver;

    @Option(
            names = "--log-opt",
            paramLabel = "KEY=VALUE",
            description = "max-size=SIZE, path=FILE, or tag=TEXT (journald)")
    private List<String> options = new ArrayList<>();

    boolean passesThrough() {
        return "passthrough".equals(driver);
    }

    void addTo(CreateOptions create, Invocation ctr) {
        LogSettings log = create.log();
        CreateFlags.set(driver, log::driver);
        for (String option : options) {
            KeyValue pair = KeyValue.parse(option);
            switch (pair.key()) {
                case "max-size" -> log.largestBytes(ByteSize.parseDecimal(pair.value()).bytes());
                case "path" -> log.path(Path.of(pair.value()).toAbsolutePath().normalize());
                case "tag" -> log.tag(pair.value());
                default -> ctr.warn("there is no log option " + pair.key() + ": left out");
            }
        }
    }
}
