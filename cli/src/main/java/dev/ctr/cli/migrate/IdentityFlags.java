package dev.ctr.cli.migrate;

import dev.ctr.agent.Identity;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Settings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The files by which this host proves to an agent who it is. */
final class IdentityFlags {
    @Option(names = "--cert", paramLabel = "FILE", description = "This host's certificate")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its private key")
    private @Nullable Path key;

    @Option(names = "--ca", paramLabel = "FILE", description = "The authority's certificate")
    private @Nullable Path authority;

    Optional<Identity> given(Settings settings) {
        return certificate == null || key == null || authority == null
                ? Optional.empty()
                : Optional.of(new Identity(certificate, key, authority));
    }

    Identity required(Settings settings) {
        return given(settings)
                .orElseThrow(() -> new Failure("--cert, --key and --ca are needed to talk to an agent"));
    }
}
