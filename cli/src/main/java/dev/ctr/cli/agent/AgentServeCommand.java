package dev.ctr.cli.agent;

import dev.ctr.agent.AgentException;
import dev.ctr.agent.AgentOptions;
import dev.ctr.agent.AgentServer;
import dev.ctr.agent.AgentService;
import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.metrics.Metrics;
import dev.ctr.agent.metrics.MetricsServer;
import dev.ctr.agent.migration.MigrationService;
import dev.ctr.agent.migration.Migrations;
import dev.ctr.cli.host.Version;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.terminal.ProcessSignals;
import dev.ctr.criu.linux.UnixSocket;
import dev.ctr.lifecycle.RestorePolicy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr agent serve}: serves other hosts until SIGTERM. */
@Command(
        name = "serve",
        description = "Serve other hosts: their questions, and the containers that they hand over",
        footer = {
            "",
            "Prints `listening on HOST:PORT` when it can be reached. SIGTERM and SIGINT let running calls end for 30",
            "seconds, then end it; SIGHUP reads the certificates again, which also happens soon after their files change.",
            "",
            "Examples:",
            "  ctr agent serve --listen 10.0.0.2:7443 --cert host-b.crt --key host-b.key --ca ca.crt",
            "  ctr agent serve --listen 0.0.0.0:7443 --allow host-a --allow host-c --metrics 127.0.0.1:9443"
        })
public final class AgentServeCommand extends Verb {
    private static final Duration GRACE = Duration.ofSeconds(30);

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            required = true,
            description = "Where to listen; port 0 takes any free one")
    private String listen = "";

    @Mixin
    private IdentityFlags identity = new IdentityFlags();

    @Option(
            names = "--allow",
            paramLabel = "SAN",
            description = "Serve only hosts with this name in their certificate; may be repeated (default: the setting"
                    + " agent-allow, else every host with a certificate of the authority)")
    private List<String> allowed = new ArrayList<>();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "What containers from elsewhere are granted on this host (default: the setting policy)")
    private String policy = "";

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Show Prometheus metrics there, at /metrics, without TLS; name an address of this host only")
    private @Nullable String metrics;

    public AgentServeCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() throws InterruptedException {
        RestorePolicy granted = ctr.settings().restorePolicy(policy);
        Metrics figures = new Metrics();
        AgentOptions options = options(figures).withService(new MigrationService(ctr.engine(), granted, figures));
        try (MetricsEnd ignored = showMetrics(figures);
                AgentServer server = AgentServer.start(options);
                ProcessSignals.Registration term = ProcessSignals.on("TERM", () -> server.stop(GRACE));
                ProcessSignals.Registration interrupt = ProcessSignals.on("INT", () -> server.stop(GRACE));
                ProcessSignals.Registration hangUp = ProcessSignals.on("HUP", () -> reload(server))) {
            announce(options, server);
            new Migrations(ctr.engine()).settleLeft(options.identity());
            server.awaitStopped();
        }
        return ExitCode.OK;
    }

    private AgentOptions options(Metrics figures) {
        Set<String> names =
                new TreeSet<>(allowed.isEmpty() ? ctr.settings().agent().allowed() : allowed);
        return AgentOptions.of(
                        HostAndPort.parse(listen),
                        identity.identity(ctr.settings().agent()))
                .withAllowed(names)
                .withMetrics(figures)
                .withService(new AgentService(ctr.engine(), Version.ofThis().version()));
    }

    private interface MetricsEnd extends AutoCloseable {
        @Override
        void close();
    }

    private MetricsEnd showMetrics(Metrics figures) {
        if (metrics == null) {
            return () -> {};
        }
        HostAndPort address = HostAndPort.parse(metrics);
        try {
            return MetricsServer.start(new InetSocketAddress(address.host(), address.port()), figures)::close;
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot show metrics on " + address + ": " + e.getMessage(), e);
        }
    }

    private void announce(AgentOptions options, AgentServer server) {
        ctr.note(
                options.allowed().isEmpty()
                        ? "serving every host with a certificate of "
                                + options.identity().authority()
                        : "serving " + String.join(", ", new TreeSet<>(options.allowed())));
        ctr.output().line("listening on " + server.address()).flush();
        String socket = ctr.environment().getOrDefault("NOTIFY_SOCKET", "");
        if (socket.startsWith("/")) {
            tellSystemd(Path.of(socket));
        }
    }

    private void tellSystemd(Path socket) {
        try (UnixSocket systemd = UnixSocket.connectDatagram(socket)) {
            systemd.write("READY=1".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            ctr.warn("cannot tell systemd that the agent is ready: " + e.getMessage());
        }
    }

    private void reload(AgentServer server) {
        try {
            server.reload();
        } catch (AgentException e) {
            ctr.warn("those from before go on being used: " + e.getMessage());
        }
    }
}
