package dev.ctr.cli.image;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Progress;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.PullOptions;
import dev.ctr.lifecycle.image.PullPolicy;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr pull}: gets images from registries. */
@Command(
        name = "pull",
        description = "Get images from registries",
        footer = {
            "",
            "Examples:",
            "  ctr pull registry.example.com/team/web:1",
            "  ctr pull --creds user:password --cert-dir ./certs registry.example.com/web",
            "  ctr pull --tls-verify=false 127.0.0.1:5000/web@sha256:…"
        })
public final class PullCommand extends Verb {
    @Option(
            names = {"-q", "--quiet"},
            description = "Print only IDs")
    private boolean quiet;

    @Option(
            names = "--policy",
            paramLabel = "always|missing|never|newer",
            defaultValue = "always",
            description = "When to ask the registry (default: always)")
    private String policy = "always";

    @Mixin
    private RegistryFlags registry = new RegistryFlags();

    @Mixin
    private PlatformFlags platform = new PlatformFlags();

    @Parameters(paramLabel = "IMAGE", description = "REGISTRY/PATH[:TAG] or REGISTRY/PATH@sha256:DIGEST")
    private List<String> names = new ArrayList<>();

    public PullCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (names.isEmpty()) {
            throw new Failure("requires at least 1 arg(s), only received 0");
        }
        PullPolicy pull = PullPolicy.parse(policy);
        return ctr.each(names, name -> {
            try (PullProgress progress = new PullProgress(ctr)) {
                PullOptions options =
                        new PullOptions(registry.toOptions(), platform.toPlatform(), quiet ? Progress.NONE : progress);
                Image image = ctr.engine().images().obtain(name, pull, options);
                ctr.output().line(image.id().hex()).flush();
            }
        });
    }
}
