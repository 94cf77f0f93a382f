package dev.ctr.cli.agent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.agent.AgentChannel;
import dev.ctr.agent.AgentClient;
import dev.ctr.agent.Protocol;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.Report;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr agent ping}: asks an agent who it is. */
@Command(
        name = "ping",
        description = "Ask an agent who it is and how far away",
        footer = {"", "Examples:", "  ctr agent ping host-b:7443", "  ctr agent ping --format json host-b:7443"})
public final class AgentPingCommand extends Verb {
    private static final Report REPORT = new Report(
            "{{.Names}}\\t{{.HostName}}\\t{{.Version}}\\t{{.RoundTrip}}",
            Map.of("HostName", "HOST NAME", "RoundTrip", "ROUND TRIP"));

    @Mixin
    private AgentFlags agent = new AgentFlags();

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    public AgentPingCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        try (AgentChannel channel = agent.connect(ctr)) {
            ctr.output()
                    .text(REPORT.render(List.of(row(new AgentClient(channel).ping())), new Report.Style(format, true)));
        }
        return ExitCode.OK;
    }

    private static Report.Row row(AgentClient.Ping ping) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ping.names().forEach(json.putArray("Names")::add);
        json.put("HostName", ping.hostName());
        json.put("Version", ping.version());
        json.put("Protocol", Protocol.VERSION);
        json.put("RoundTripMicros", ping.roundTrip().toNanos() / 1000);
        ping.caller().forEach(json.putArray("Caller")::add);
        ObjectNode fields = json.deepCopy();
        fields.put("Names", String.join(",", ping.names()));
        fields.put("Caller", String.join(",", ping.caller()));
        fields.put(
                "RoundTrip",
                String.format(Locale.ROOT, "%.2fms", ping.roundTrip().toNanos() / 1e6));
        return new Report.Row(json, fields);
    }
}
