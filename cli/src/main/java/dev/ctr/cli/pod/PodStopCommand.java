package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Pod;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr pod stop}: stops the containers of pods, the infra container last. */
@Command(
        name = "stop",
        description = "Stop the containers of pods",
        footer = {"", "Examples:", "  ctr pod stop web", "  ctr pod stop --time 2 web", "  ctr pod stop --all"})
public final class PodStopCommand extends Verb {
    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "How long to wait before killing; by default what each container says")
    private @Nullable Integer time;

    @Option(
            names = {"-i", "--ignore"},
            description = "Pass over pods that do not exist")
    private boolean ignore;

    @Mixin
    private PodSelection selection = new PodSelection();

    public PodStopCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(selection.targets(ctr.engine()), target -> {
            Optional<Pod> pod = ignore ? target.find() : Optional.of(target.pod());
            pod.ifPresent(this::stop);
        });
    }

    private void stop(Pod pod) {
        pod.stop(Optional.ofNullable(time).map(Duration::ofSeconds));
        ctr.output().line(pod.id().hex()).flush();
    }
}
