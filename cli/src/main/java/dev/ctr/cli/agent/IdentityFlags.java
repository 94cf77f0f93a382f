package dev.ctr.cli.agent;

import dev.ctr.agent.Identity;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Settings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --cert}, {@code --key} and {@code --ca}, on everything that meets another host. */
public final class IdentityFlags {
    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "This host's certificate (default: the setting agent-cert)")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its private key (default: the setting agent-key)")
    private @Nullable Path key;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "The authority that issues the hosts' certificates (default: the setting agent-ca)")
    private @Nullable Path authority;

    /** The files, as far as they are not given here those of the settings; fails if one is named nowhere. */
    public Identity identity(Settings.AgentSettings settings) {
        return new Identity(
                named("cert", certificate, settings.certificate()),
                named("key", key, settings.key()),
                named("ca", authority, settings.authority()));
    }

    private static Path named(String flag, @Nullable Path given, Optional<Path> setting) {
        return Optional.ofNullable(given)
                .or(() -> setting)
                .orElseThrow(
                        () -> new Failure("--" + flag + " is missing: name a file there, or in the configuration as"
                                + " agent-" + flag + "; `ctr agent pki` makes such files"));
    }
}
