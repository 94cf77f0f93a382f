package dev.ctr.cli.image;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.image.Platform;
import picocli.CommandLine.Option;

/** Which of an image for several platforms is meant. */
public final class PlatformFlags {
    @Option(names = "--arch", paramLabel = "ARCH", description = "For this architecture, such as arm64")
    private String arch = "";

    @Option(names = "--os", paramLabel = "OS", description = "For this operating system")
    private String os = "";

    @Option(names = "--variant", paramLabel = "VARIANT", description = "For this variant of the architecture")
    private String variant = "";

    @Option(names = "--platform", paramLabel = "OS/ARCH", description = "For this platform, such as linux/arm64")
    private String platform = "";

    /** What the flags say; this host where they say nothing. */
    Platform toPlatform() {
        if (!platform.isEmpty()) {
            if (!arch.isEmpty() || !os.isEmpty()) {
                throw new Failure("--platform option can not be specified with --arch or --os");
            }
            return Platform.parse(platform);
        }
        Platform host = Platform.host();
        return new Platform(os.isEmpty() ? host.os() : os, arch.isEmpty() ? host.arch() : arch, variant);
    }
}
