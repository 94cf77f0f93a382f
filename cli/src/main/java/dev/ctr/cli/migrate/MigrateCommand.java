package dev.ctr.cli.migrate;

import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.migration.Cancellation;
import dev.ctr.agent.migration.MigrateOptions;
import dev.ctr.agent.migration.MigrationResult;
import dev.ctr.agent.migration.Migrations;
import dev.ctr.agent.migration.Preflight;
import dev.ctr.agent.migration.StrategyChoice;
import dev.ctr.agent.transfer.Bandwidth;
import dev.ctr.agent.transfer.ChunkCompression;
import dev.ctr.cli.agent.IdentityFlags;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.value.ByteSize;
import dev.ctr.cli.value.Durations;
import dev.ctr.cli.value.Ports;
import dev.ctr.lifecycle.Container;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr migrate}: moves a running container to another host. */
@Command(
        name = "migrate",
        description = "Move a running container to another host",
        footer = {
            "",
            "Examples:",
            "  ctr migrate web --to host-b:7443",
            "  ctr migrate web --to host-b:7443 --tcp-established --dry-run",
            "  ctr migrate web --to host-b:7443 --strategy pre-copy --downtime 200ms --format json",
            "  ctr migrate ls",
            "  ctr migrate resolve 3f0a"
        })
public final class MigrateCommand extends Verb {
    private static final int INDENTATION = 2;

    @Parameters(paramLabel = "CONTAINER", arity = "0..*", description = "The container")
    private List<String> containers = new ArrayList<>();

    @Option(names = "--to", paramLabel = "HOST:PORT", description = "The agent of the host that it moves to")
    private String to = "";

    @Option(
            names = "--strategy",
            paramLabel = "auto|cold|pre-copy",
            description = "When its memory moves: after the freeze, or in rounds before it")
    private String strategy = StrategyChoice.AUTO.word();

    @Option(names = "--downtime", paramLabel = "DURATION", description = "How long it may stand still (default: 300ms)")
    private @Nullable String downtime;

    @Option(names = "--timeout", paramLabel = "DURATION", description = "How long rounds may take (default: 10m)")
    private @Nullable String timeout;

    @Option(
            names = "--on-timeout",
            paramLabel = "cancel|force",
            description = "What to do then: stay here, or stand still for longer")
    private String onTimeout = "cancel";

    @Option(names = "--max-rounds", paramLabel = "NUMBER", description = "How many rounds there may be (default: 8)")
    private @Nullable Integer maxRounds;

    @Option(names = "--streams", paramLabel = "NUMBER", description = "How many connections carry data (default: 2)")
    private @Nullable Integer streams;

    @Option(names = "--bandwidth", paramLabel = "RATE", description = "Bytes a second at most, such as 100m")
    private @Nullable ByteSize bandwidth;

    @Option(
            names = "--compress",
            paramLabel = "auto|none|zstd[:LEVEL]",
            description = "How to compress what is sent; auto: where the link is slower than the compression")
    private String compress = "auto";

    @Option(names = "--tcp-established", description = "Take established TCP connections along")
    private boolean tcpEstablished;

    @Option(names = "--tcp-close", description = "Close established TCP connections")
    private boolean tcpClose;

    @Option(names = "--file-locks", description = "Take file locks along")
    private boolean fileLocks;

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "A new name, and with it a new ID, address and MAC")
    private String name = "";

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[[IP:][HOST-PORT]:]PORT[/PROTOCOL]",
            description = "Publish these ports there in place of its own")
    private List<String> publish = new ArrayList<>();

    @Option(names = "--dry-run", description = "Only tell whether it would work, and what it would take")
    private boolean dryRun;

    @Option(names = "--format", paramLabel = "json", description = "Print one JSON object")
    private String format = "";

    @Option(
            names = "--progress",
            paramLabel = "auto|plain|json",
            description =
                    "How to show progress on standard error: on a terminal only, a line for every phase, or JSON lines")
    private MigrationDisplay.Style progress = MigrationDisplay.Style.AUTO;

    @Mixin
    private IdentityFlags identity = new IdentityFlags();

    public MigrateCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        check();
        Container container = ctr.engine().container(containers.get(0));
        Migrations migrations = new Migrations(ctr.engine());
        try (MigrationDisplay display =
                new MigrationDisplay(progress, ctr.streams().err())) {
            MigrateOptions options = options().progress(display);
            if (dryRun) {
                show(container, migrations.preflight(container, options));
            } else {
                migrate(migrations, container, options);
            }
        }
        return ExitCode.OK;
    }

    private void migrate(Migrations migrations, Container container, MigrateOptions options) {
        Cancellation cancellation = new Cancellation();
        try (CancelSignals ignored = CancelSignals.of(cancellation, effect -> tell(effect, container))) {
            show(migrations.migrate(container, options.cancellation(cancellation)));
        }
    }

    /** Once the migration has begun, the call that carries it out ends by itself. */
    private void tell(Cancellation.Effect effect, Container container) {
        switch (effect) {
            case NOT_BEGUN -> {
                ctr.report(new Failure("cannot migrate " + container.name() + ": it was cancelled"));
                System.exit(ExitCode.CTR);
            }
            case TOO_LATE ->
                ctr.warn("it is too late to cancel: " + container.name() + " was given away to " + to + " already");
            case GIVEN_UP -> {}
        }
    }

    private void check() {
        if (containers.size() != 1) {
            throw new Failure("`ctr migrate` takes one container");
        }
        if (to.isEmpty()) {
            throw new Failure("--to HOST:PORT is missing: where to migrate " + containers.get(0));
        }
        if (!format.isEmpty() && !format.equals("json")) {
            throw new Failure("invalid format \"" + format + "\": it must be json");
        }
        if (tcpEstablished && tcpClose) {
            throw new Failure("--tcp-established and --tcp-close cannot be used together");
        }
        if (!name.isEmpty() && tcpEstablished) {
            throw new Failure("--tcp-established cannot be used with --name");
        }
        if (!onTimeout.equals("cancel") && !onTimeout.equals("force")) {
            throw new Failure(
                    "invalid argument \"" + onTimeout + "\" for \"--on-timeout\" flag: it must be cancel or force");
        }
        Ports.parse(publish);
    }

    private MigrateOptions options() {
        MigrateOptions options = new MigrateOptions(
                        HostAndPort.parse(to), identity.identity(ctr.settings().agent()))
                .strategy(StrategyChoice.parse(strategy))
                .force(onTimeout.equals("force"))
                .compression(ChunkCompression.parse(compress))
                .tcpEstablished(tcpEstablished)
                .tcpClose(tcpClose)
                .fileLocks(fileLocks)
                .name(name)
                .publish(publish);
        if (downtime != null) {
            options.downtime(Durations.parse(downtime));
        }
        if (timeout != null) {
            options.timeout(Durations.parse(timeout));
        }
        if (maxRounds != null) {
            options.maxRounds(maxRounds);
        }
        if (streams != null) {
            options.streams(streams);
        }
        if (bandwidth != null) {
            options.bandwidth(Bandwidth.of(bandwidth.bytes()));
        }
        return options;
    }

    private void show(MigrationResult result) {
        result.warnings().forEach(ctr::warn);
        ctr.output()
                .line(format.isEmpty() ? result.container() : JsonText.indented(MigrationJson.of(result), INDENTATION));
    }

    private void show(Container container, Preflight preflight) {
        if (format.isEmpty()) {
            ctr.output().text(PreflightText.of(preflight));
        } else {
            ctr.output().line(JsonText.indented(MigrationJson.of(preflight), INDENTATION));
        }
        if (!preflight.isGranted()) {
            throw new Failure("cannot migrate " + container.name() + " to " + to + ": "
                    + PreflightText.refusals(preflight));
        }
    }
}
