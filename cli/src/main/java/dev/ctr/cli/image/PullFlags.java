package dev.ctr.cli.image;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.lifecycle.Progress;
import dev.ctr.lifecycle.image.PullOptions;
import dev.ctr.lifecycle.image.PullPolicy;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a new container gets its image. */
public final class PullFlags {
    @Option(
            names = "--pull",
            paramLabel = "missing|always|never|newer",
            defaultValue = "missing",
            description = "When to ask a registry for the image (default: missing)")
    private String policy = "missing";

    @Option(
            names = {"-q", "--quiet"},
            description = "Do not tell that a registry is asked")
    private boolean quiet;

    @Mixin
    private RegistryFlags registry = new RegistryFlags();

    @Mixin
    private PlatformFlags platform = new PlatformFlags();

    /** Gets the image, from a registry if that is called for; then the store knows it by its name. */
    public void obtain(Invocation ctr, String name) {
        PullPolicy pull = PullPolicy.parse(policy);
        try (PullProgress progress = new PullProgress(ctr)) {
            PullOptions options =
                    new PullOptions(registry.toOptions(), platform.toPlatform(), quiet ? Progress.NONE : progress);
            ctr.engine().images().obtain(name, pull, options);
        }
    }
}
