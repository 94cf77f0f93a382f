package dev.ctr.cli.image;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.image.RegistryOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How to talk to a registry. */
public final class RegistryFlags {
    @Option(
            names = "--authfile",
            paramLabel = "FILE",
            description = "Where logins are kept (default: $REGISTRY_AUTH_FILE or podman's place)")
    private String authFile = "";

    @Option(names = "--cert-dir", paramLabel = "DIR", description = "A directory with certificates of CAs to trust")
    private String certDirectory = "";

    @Option(names = "--creds", paramLabel = "USER:PASSWORD", description = "Who to be at the registry")
    private String credentials = "";

    @Option(
            names = "--tls-verify",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Insist on HTTPS and a valid certificate (default: true)")
    private boolean tlsVerify = true;

    /** What the flags say. */
    RegistryOptions toOptions() {
        checkExists("authfile", authFile);
        checkExists("cert-dir", certDirectory);
        return new RegistryOptions(tlsVerify, credentials, authFile, certDirectory);
    }

    private static void checkExists(String flag, String file) {
        if (!file.isEmpty() && !Files.exists(Path.of(file))) {
            throw new Failure("checking " + flag + ": stat " + file + ": no such file or directory");
        }
    }
}
