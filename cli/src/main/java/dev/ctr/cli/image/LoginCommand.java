package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.image.RegistryLogin;
import dev.ctr.lifecycle.image.RegistryOptions;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr login}: logs in to a registry. */
@Command(
        name = "login",
        description = "Log in to a registry; the login is kept where podman keeps it",
        footer = {
            "",
            "Examples:",
            "  ctr login registry.example.com",
            "  ctr login --username me --password-stdin registry.example.com < password",
            "  ctr login --get-login registry.example.com"
        })
public final class LoginCommand extends Verb {
    @Option(
            names = {"-u", "--username"},
            paramLabel = "USER",
            description = "Who to be; asked for by default")
    private @Nullable String user;

    @Option(
            names = {"-p", "--password"},
            paramLabel = "PASSWORD",
            description = "The password; asked for by default. Others may see it in the list of processes")
    private @Nullable String password;

    @Option(names = "--password-stdin", description = "Read the password from standard input")
    private boolean passwordFromInput;

    @Option(names = "--get-login", description = "Print who is logged in")
    private boolean getLogin;

    @Option(names = "--authfile", paramLabel = "FILE", description = "Where to keep the login")
    private String authFile = "";

    @Option(names = "--cert-dir", paramLabel = "DIR", description = "A directory with certificates of CAs to trust")
    private String certDirectory = "";

    @Option(
            names = "--tls-verify",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Insist on HTTPS and a valid certificate (default: true)")
    private boolean tlsVerify = true;

    @Parameters(paramLabel = "REGISTRY", hideParamSyntax = true, description = "HOST[:PORT]")
    private List<String> arguments = new ArrayList<>();

    public LoginCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 1) {
            throw new Failure("accepts 1 arg(s), received " + arguments.size() + ": say which registry");
        }
        if (password != null && passwordFromInput) {
            throw new Failure("can't use both --password-stdin and --password");
        }
        if (passwordFromInput && user == null) {
            throw new Failure("must provide --username with --password-stdin");
        }
        String registry = arguments.get(0);
        RegistryLogin login = new RegistryLogin(ctr.engine().options().root());
        RegistryOptions options = new RegistryOptions(tlsVerify, "", authFile, certDirectory);
        if (getLogin) {
            ctr.output().line(login.user(registry, options));
            return ExitCode.OK;
        }
        String name = user == null ? ask("Username: ", true) : user;
        login.logIn(registry, name, password(), options);
        ctr.output().line("Login Succeeded!");
        return ExitCode.OK;
    }

    private String password() {
        if (password != null) {
            return password;
        }
        if (!passwordFromInput) {
            return ask("Password: ", false);
        }
        try {
            return new String(ctr.streams().in().readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read the password: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings(
            "SystemConsoleNull") // from JDK 22 on there is always one; without a terminal it reads standard input
    private static String ask(String question, boolean shown) {
        Console console = System.console();
        if (console == null) {
            throw new Failure(
                    "there is no terminal to ask for a login: give --username, and --password-stdin or --password");
        }
        if (shown) {
            String answer = console.readLine("%s", question);
            return answer == null ? "" : answer;
        }
        char[] answer = console.readPassword("%s", question);
        return answer == null ? "" : new String(answer);
    }
}
