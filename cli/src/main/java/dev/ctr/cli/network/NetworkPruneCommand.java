package dev.ctr.cli.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.network.Networks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ctr network prune}: removes the networks that no container uses, except for the default one. */
@Command(
        name = "prune",
        description = "Remove the networks that no container uses",
        footer = {"", "Examples:", "  ctr network prune", "  ctr network prune --force --filter label=test"})
public final class NetworkPruneCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Do not ask")
    private boolean force;

    @Option(names = "--filter", paramLabel = "KEY=VALUE", description = "Only those that fit: label, until")
    private List<String> filters = new ArrayList<>();

    public NetworkPruneCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        for (String filter : filters) {
            if (!filter.startsWith("label") && !filter.startsWith("until=")) {
                throw new Failure("invalid filter \"" + filter.split("=", 2)[0] + "\"");
            }
        }
        Predicate<JsonNode> fits = NetworkFilter.parse(filters, ctr.engine());
        if (!force && !isConfirmed()) {
            return ExitCode.OK;
        }
        List<String> unused = ctr.engine().networks().list().stream()
                .filter(fits)
                .map(network -> network.path("name").asText())
                .filter(name -> !name.equals(Networks.DEFAULT_NETWORK))
                .filter(name -> ctr.engine().usersOfNetwork(name).isEmpty())
                .sorted()
                .toList();
        return ctr.each(unused, name -> {
            ctr.engine().removeNetwork(name);
            ctr.output().line(name).flush();
        });
    }

    private boolean isConfirmed() {
        ctr.output()
                .text("WARNING! This will remove all networks not used by at least one container.\n"
                        + "Are you sure you want to continue? [y/N] ")
                .flush();
        try {
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(ctr.streams().in(), StandardCharsets.UTF_8));
            String answer = answers.readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read the answer: " + e.getMessage(), e);
        }
    }
}
