package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Logs in to registries and out, as {@code podman login} does, in the file that podman, skopeo and this engine look credentials
 * up in (containers-auth.json(5)). A password is checked with the registry before it is written down.
 */
public final class RegistryLogin {
    private final Scratch scratch;

    /** @param root the engine's root; work in progress is done in its directory {@code scratch} */
    public RegistryLogin(Path root) {
        this.scratch = new Scratch(root.resolve("scratch"));
    }

    /**
     * Logs in.
     *
     * @param options where the file is, and how to talk to the registry; its credentials are not looked at
     * @throws EngineException with {@code RUNTIME} when the registry cannot be asked or does not accept them
     */
    public void logIn(String registry, String user, String password, RegistryOptions options) {
        run(
                "log in to " + registry,
                run -> run.with("login", "--tls-verify=" + options.tlsVerify())
                        .with(certificates(options))
                        .with(authFile(options))
                        .with("--username", user, "--password-stdin", "--", registry)
                        .withInput(password));
    }

    /**
     * Forgets a login.
     *
     * @throws EngineException with {@code RUNTIME} when there is none
     */
    public void logOut(String registry, RegistryOptions options) {
        run(
                "log out of " + registry,
                run -> run.with("logout").with(authFile(options)).with("--", registry));
    }

    /** Forgets all logins. */
    public void logOutEverywhere(RegistryOptions options) {
        run("log out", run -> run.with("logout", "--all").with(authFile(options)));
    }

    /**
     * The user by whom a registry is known here.
     *
     * @throws EngineException with {@code RUNTIME} when there is no login
     */
    public String user(String registry, RegistryOptions options) {
        return run(
                "tell the login of " + registry,
                run -> run.with("login", "--get-login").with(authFile(options)).with("--", registry));
    }

    private static List<String> authFile(RegistryOptions options) {
        return options.authFile().isEmpty() ? List.of() : List.of("--authfile", options.authFile());
    }

    private static List<String> certificates(RegistryOptions options) {
        return options.certDirectory().isEmpty() ? List.of() : List.of("--cert-dir", options.certDirectory());
    }

    private interface Arguments {
        SkopeoRun addTo(SkopeoRun run);
    }

    private String run(String attempt, Arguments arguments) {
        try (Scratch.Area area = scratch.open()) {
            byte[] output =
                    arguments.addTo(new SkopeoRun(attempt, area.directory())).run();
            return new String(output, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.IO, "cannot " + attempt + ": " + e.getMessage(), e);
        }
    }
}
