package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.image.RegistryLogin;
import dev.ctr.lifecycle.image.RegistryOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr logout}: forgets a login. */
@Command(
        name = "logout",
        description = "Forget a login to a registry",
        footer = {"", "Examples:", "  ctr logout registry.example.com", "  ctr logout --all"})
public final class LogoutCommand extends Verb {
    @Option(
            names = {"-a", "--all"},
            description = "All logins")
    private boolean all;

    @Option(names = "--authfile", paramLabel = "FILE", description = "Where the login is kept")
    private String authFile = "";

    @Parameters(paramLabel = "[REGISTRY]", hideParamSyntax = true, description = "HOST[:PORT]")
    private List<String> arguments = new ArrayList<>();

    public LogoutCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (all == !arguments.isEmpty() || arguments.size() > 1) {
            throw new Failure("choose either one registry or --all");
        }
        RegistryLogin login = new RegistryLogin(ctr.engine().options().root());
        RegistryOptions options = new RegistryOptions(true, "", authFile);
        if (all) {
            login.logOutEverywhere(options);
            ctr.output().line("Removed login credentials for all registries");
        } else {
            login.logOut(arguments.get(0), options);
            ctr.output().line("Removed login credentials for " + arguments.get(0));
        }
        return ExitCode.OK;
    }
}
