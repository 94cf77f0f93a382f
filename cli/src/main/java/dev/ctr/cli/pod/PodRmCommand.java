package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Pod;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr pod rm}: removes pods with their containers. Exit code 1 if one does not exist. */
@Command(
        name = "rm",
        description = "Remove pods with their containers",
        footer = {"", "Examples:", "  ctr pod rm web", "  ctr pod rm --force --time 2 web", "  ctr pod rm --all --force"
        })
public final class PodRmCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Stop first what runs; implies --ignore")
    private boolean force;

    @Option(
            names = {"-i", "--ignore"},
            description = "Pass over pods that do not exist")
    private boolean ignore;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "With --force: how long to wait for a container's end before killing it")
    private @Nullable Integer time;

    @Mixin
    private PodSelection selection = new PodSelection();

    public PodRmCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(
                selection.targets(ctr.engine()),
                target -> {
                    Optional<Pod> pod = force || ignore ? target.find() : Optional.of(target.pod());
                    pod.ifPresent(this::remove);
                },
                ExitCode::ofRemoval);
    }

    private void remove(Pod pod) {
        pod.remove(force, Optional.ofNullable(time).map(Duration::ofSeconds));
        ctr.output().line(pod.id().hex()).flush();
    }
}
