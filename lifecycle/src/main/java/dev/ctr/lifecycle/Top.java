package dev.ctr.lifecycle;

import dev.ctr.lifecycle.top.ContainerProcess;
import dev.ctr.lifecycle.top.IdNames;
import dev.ctr.lifecycle.top.ProcessColumn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lists the processes of a container, from the host's /proc: nothing is run inside. */
final class Top {
    private Top() {}

    static List<List<String>> of(LockedContainer container, List<String> arguments) throws IOException {
        if (container.state().status() != ContainerStatus.RUNNING) {
            throw new EngineException(
                    EngineException.Code.STATE_IMPROPER, "top can only be used on running containers");
        }
        List<ProcessColumn> columns = ProcessColumn.parse(arguments);
        Path root = container.resources().rootFilesystem().path();
        IdNames names = new IdNames(RootUsers.of(root)::userName, RootUsers.of(root)::groupName);
        List<List<String>> rows = new ArrayList<>();
        rows.add(columns.stream().map(ProcessColumn::heading).toList());
        for (long pid : container.engine().cgroup(container.config()).processes()) {
            Optional<ContainerProcess> process = ContainerProcess.read(pid);
            process.ifPresent(found -> rows.add(
                    columns.stream().map(column -> column.of(found, names)).toList()));
        }
        return rows;
    }
}
