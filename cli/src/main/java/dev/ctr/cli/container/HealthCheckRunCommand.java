package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr healthcheck run}: asks a container whether it is well. */
@Command(
        name = "run",
        description = "Run a container's health check once; exit code 1 if it is not well",
        footer = {
            "",
            "Examples:",
            "  ctr run -d --name web --health-cmd 'wget -q -O /dev/null localhost' nginx",
            "  ctr healthcheck run web",
            "  ctr inspect -f '{{.State.Health.Status}}' web"
        })
public final class HealthCheckRunCommand extends Verb {
    private static final int UNHEALTHY = 1;

    @Parameters(paramLabel = "CONTAINER", description = "The container's name or ID")
    private String container = "";

    public HealthCheckRunCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (ctr.engine().container(container).checkHealth().isHealthy()) {
            return ExitCode.OK;
        }
        ctr.output().line("unhealthy");
        return UNHEALTHY;
    }
}
