package dev.ctr.cli.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.output.Table;
import dev.ctr.lifecycle.Container;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr top}: the processes of a container. */
@Command(
        name = "top",
        description = "Show the processes of a running container",
        footer = {
            "",
            "Format descriptors: args, capamb, capbnd, capeff, capinh, capprm, comm, etime, group, groups, hgroup, hgroups,"
                    + " hpid, huser, label, nice, pcpu, pgid, pid, ppid, rgroup, rss, ruser, seccomp, state, stime, time, tty,"
                    + " user, vsz, and the codes of ps such as %%C. The ps options -o LIST, -ef and aux choose columns too.",
            "",
            "Examples:",
            "  ctr top web",
            "  ctr top web pid hpid seccomp args",
            "  ctr top web -eo user,pid,comm"
        })
public final class TopCommand extends Verb {
    private static final int JSON_INDENTATION = 2;

    @Option(
            names = {"-l", "--latest"},
            description = "The container that was created last")
    private boolean latest;

    @Option(names = "--format", paramLabel = "json", description = "json: a list of objects, keyed by the headings")
    private String format = "";

    @Parameters(
            paramLabel = "CONTAINER [DESCRIPTOR...]",
            hideParamSyntax = true,
            description = "The container, then what to show")
    private List<String> arguments = new ArrayList<>();

    public TopCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.isEmpty() && !latest) {
            throw new Failure("you must provide the name or id of a running container");
        }
        if (!format.isEmpty() && !format.equals("json")) {
            throw new Failure("top knows no format \"" + format + "\": use json");
        }
        Container container =
                latest ? Target.latest(ctr.engine()).container() : ctr.engine().container(arguments.get(0));
        List<List<String>> rows = container.top(latest ? arguments : arguments.subList(1, arguments.size()));
        ctr.output().text(format.isEmpty() ? table(rows) : json(rows));
        return ExitCode.OK;
    }

    private static String table(List<List<String>> rows) {
        Table table = new Table();
        rows.forEach(row -> table.row(row.toArray(String[]::new)));
        return table.render();
    }

    private static String json(List<List<String>> rows) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (List<String> row : rows.subList(1, rows.size())) {
            ObjectNode object = array.addObject();
            for (int i = 0; i < row.size(); i++) {
                object.put(rows.get(0).get(i), row.get(i));
            }
        }
        return JsonText.indented(array, JSON_INDENTATION) + "\n";
    }
}
