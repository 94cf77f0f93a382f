package dev.ctr.cli;

import dev.ctr.cli.agent.AgentAttachCommand;
import dev.ctr.cli.agent.AgentPingCommand;
import dev.ctr.cli.agent.AgentPsCommand;
import dev.ctr.cli.agent.AgentServeCommand;
import dev.ctr.cli.agent.PkiInitCommand;
import dev.ctr.cli.agent.PkiIssueCommand;
import dev.ctr.cli.archive.ArchiveDiffCommand;
import dev.ctr.cli.archive.ArchiveExtractCommand;
import dev.ctr.cli.archive.ArchiveInspectCommand;
import dev.ctr.cli.archive.ArchiveShowCommand;
import dev.ctr.cli.archive.ArchiveVerifyCommand;
import dev.ctr.cli.checkpoint.CheckpointCommand;
import dev.ctr.cli.checkpoint.RestoreCommand;
import dev.ctr.cli.container.AttachCommand;
import dev.ctr.cli.container.CleanupCommand;
import dev.ctr.cli.container.CommitCommand;
import dev.ctr.cli.container.CopyCommand;
import dev.ctr.cli.container.CreateCommand;
import dev.ctr.cli.container.DiffCommand;
import dev.ctr.cli.container.ExecCommand;
import dev.ctr.cli.container.ExportCommand;
import dev.ctr.cli.container.HealthCheckRunCommand;
import dev.ctr.cli.container.InitCommand;
import dev.ctr.cli.container.InspectCommand;
import dev.ctr.cli.container.KillCommand;
import dev.ctr.cli.container.LogsCommand;
import dev.ctr.cli.container.MountCommand;
import dev.ctr.cli.container.PauseCommand;
import dev.ctr.cli.container.PortCommand;
import dev.ctr.cli.container.PsCommand;
import dev.ctr.cli.container.RenameCommand;
import dev.ctr.cli.container.RestartCommand;
import dev.ctr.cli.container.RmCommand;
import dev.ctr.cli.container.RunCommand;
import dev.ctr.cli.container.StartCommand;
import dev.ctr.cli.container.StatCommand;
import dev.ctr.cli.container.StopCommand;
import dev.ctr.cli.container.TopCommand;
import dev.ctr.cli.container.UnmountCommand;
import dev.ctr.cli.container.UnpauseCommand;
import dev.ctr.cli.container.UpdateCommand;
import dev.ctr.cli.container.WaitCommand;
import dev.ctr.cli.event.EventsCommand;
import dev.ctr.cli.host.CheckCommand;
import dev.ctr.cli.host.CompletionCommand;
import dev.ctr.cli.host.HelpCommand;
import dev.ctr.cli.host.Version;
import dev.ctr.cli.host.VersionCommand;
import dev.ctr.cli.image.HistoryCommand;
import dev.ctr.cli.image.ImageExistsCommand;
import dev.ctr.cli.image.ImagePruneCommand;
import dev.ctr.cli.image.ImagesCommand;
import dev.ctr.cli.image.ImportCommand;
import dev.ctr.cli.image.LoadCommand;
import dev.ctr.cli.image.LoginCommand;
import dev.ctr.cli.image.LogoutCommand;
import dev.ctr.cli.image.PullCommand;
import dev.ctr.cli.image.PushCommand;
import dev.ctr.cli.image.RmiCommand;
import dev.ctr.cli.image.SaveCommand;
import dev.ctr.cli.image.TagCommand;
import dev.ctr.cli.image.UntagCommand;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.migrate.MigrateCancelCommand;
import dev.ctr.cli.migrate.MigrateCommand;
import dev.ctr.cli.migrate.MigrateLsCommand;
import dev.ctr.cli.migrate.MigrateResolveCommand;
import dev.ctr.cli.migrate.MigrateShowCommand;
import dev.ctr.cli.network.NetworkConnectCommand;
import dev.ctr.cli.network.NetworkCreateCommand;
import dev.ctr.cli.network.NetworkDisconnectCommand;
import dev.ctr.cli.network.NetworkExistsCommand;
import dev.ctr.cli.network.NetworkInspectCommand;
import dev.ctr.cli.network.NetworkLsCommand;
import dev.ctr.cli.network.NetworkPruneCommand;
import dev.ctr.cli.network.NetworkReloadCommand;
import dev.ctr.cli.network.NetworkRmCommand;
import dev.ctr.cli.pod.PodCreateCommand;
import dev.ctr.cli.pod.PodExistsCommand;
import dev.ctr.cli.pod.PodInspectCommand;
import dev.ctr.cli.pod.PodKillCommand;
import dev.ctr.cli.pod.PodPauseCommand;
import dev.ctr.cli.pod.PodPsCommand;
import dev.ctr.cli.pod.PodRestartCommand;
import dev.ctr.cli.pod.PodRmCommand;
import dev.ctr.cli.pod.PodStartCommand;
import dev.ctr.cli.pod.PodStopCommand;
import dev.ctr.cli.pod.PodUnpauseCommand;
import dev.ctr.cli.value.ByteSize;
import dev.ctr.cli.volume.VolumeCreateCommand;
import dev.ctr.cli.volume.VolumeExistsCommand;
import dev.ctr.cli.volume.VolumeExportCommand;
import dev.ctr.cli.volume.VolumeImportCommand;
import dev.ctr.cli.volume.VolumeLsCommand;
import dev.ctr.cli.volume.VolumePruneCommand;
import dev.ctr.cli.volume.VolumeRmCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** All commands and how they are spelled. */
final class CommandTree {
    private static final int HELP_WIDTH = 110;

    /** After the first argument of these nothing belongs to ctr any more. */
    private static final Set<String> WITH_FOREIGN_ARGUMENTS = Set.of("run", "create", "exec", "top");

    /** A word of a command line and what it stands for. */
    private sealed interface Entry {
        String name();
    }

    /** A command, made when it is needed. */
    private record Leaf(String name, Supplier<Object> command, List<String> aliases) implements Entry {}

    /** A word that commands follow. */
    private record Group(String name, String description, List<Entry> entries) implements Entry {}

    /** A command that others may follow in place of its arguments. */
    private record Branch(String name, Supplier<Object> command, List<Entry> entries) implements Entry {}

    private CommandTree() {}

    /** A parser that knows the asked command; if it is not clear which that is, it knows them all. */
    static CommandLine forRunning(Invocation ctr) {
        return of(ctr, CommandWords.of(ctr.arguments()));
    }

    /** A parser that knows all commands. */
    static CommandLine complete(Invocation ctr) {
        return of(ctr, List.of());
    }

    private static CommandLine of(Invocation ctr, List<String> words) {
        CommandLine root = new CommandLine(new RootCommand(ctr.globalFlags()));
        add(root, entries(ctr), words);
        configure(root);
        return root;
    }

    /** Adds the entry that the words begin with, or all. */
    private static void add(CommandLine parent, List<Entry> entries, List<String> words) {
        Optional<Entry> asked = words.stream()
                .limit(1)
                .flatMap(word -> entries.stream().filter(entry -> isCalled(entry, word)))
                .findFirst();
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        asked.ifPresentOrElse(
                entry -> add(parent, entry, rest), () -> entries.forEach(entry -> add(parent, entry, List.of())));
    }

    private static boolean isCalled(Entry entry, String word) {
        return entry.name().equals(word)
                || (entry instanceof Leaf leaf && leaf.aliases().contains(word));
    }

    private static void add(CommandLine parent, Entry entry, List<String> words) {
        if (entry instanceof Leaf leaf) {
            CommandLine line = new CommandLine(leaf.command().get()).setCommandName(leaf.name());
            parent.addSubcommand(leaf.name(), line, leaf.aliases().toArray(String[]::new));
        } else if (entry instanceof Group group) {
            CommandSpec spec = CommandSpec.create().name(group.name());
            spec.usageMessage().description(group.description()).synopsisSubcommandLabel("COMMAND");
            CommandLine line = new CommandLine(spec);
            add(line, group.entries(), words);
            parent.addSubcommand(line);
        } else if (entry instanceof Branch branch) {
            CommandLine line = new CommandLine(branch.command().get()).setCommandName(branch.name());
            add(line, branch.entries(), words);
            parent.addSubcommand(line);
        }
    }

    private static List<Entry> entries(Invocation ctr) {
        List<Entry> entries = containerVerbs(ctr);
        entries.add(leaf("ps", () -> new PsCommand(ctr), "ls", "list"));
        entries.add(leaf("inspect", () -> new InspectCommand(ctr, InspectCommand.Kind.ALL)));
        entries.add(leaf("images", () -> new ImagesCommand(ctr)));
        entries.addAll(imageVerbs(ctr));
        entries.add(leaf("rmi", () -> new RmiCommand(ctr)));
        entries.add(leaf("login", () -> new LoginCommand(ctr)));
        entries.add(leaf("logout", () -> new LogoutCommand(ctr)));
        entries.add(containerGroup(ctr));
        entries.add(imageGroup(ctr));
        entries.add(volumeGroup(ctr));
        entries.add(networkGroup(ctr));
        entries.add(new Group(
                "healthcheck",
                "Commands on health checks",
                List.of(leaf("run", () -> new HealthCheckRunCommand(ctr)))));
        entries.add(leaf("events", () -> new EventsCommand(ctr)));
        entries.add(podGroup(ctr));
        entries.add(archiveGroup(ctr));
        entries.add(agentGroup(ctr));
        entries.add(migrateBranch(ctr));
        entries.add(leaf("check", () -> new CheckCommand(ctr)));
        entries.add(leaf("version", () -> new VersionCommand(ctr)));
        entries.add(leaf("completion", () -> new CompletionCommand(ctr, () -> complete(ctr))));
        entries.add(leaf("help", () -> new HelpCommand(ctr, () -> complete(ctr))));
        return entries;
    }

    /** Those that are the same below {@code ctr} and below {@code ctr container}. */
    private static List<Entry> containerVerbs(Invocation ctr) {
        return new ArrayList<>(List.of(
                leaf("create", () -> new CreateCommand(ctr)),
                leaf("run", () -> new RunCommand(ctr)),
                leaf("init", () -> new InitCommand(ctr)),
                leaf("start", () -> new StartCommand(ctr)),
                leaf("stop", () -> new StopCommand(ctr)),
                leaf("restart", () -> new RestartCommand(ctr)),
                leaf("kill", () -> new KillCommand(ctr)),
                leaf("pause", () -> new PauseCommand(ctr)),
                leaf("port", () -> new PortCommand(ctr)),
                leaf("unpause", () -> new UnpauseCommand(ctr)),
                leaf("wait", () -> new WaitCommand(ctr)),
                leaf("logs", () -> new LogsCommand(ctr)),
                leaf("attach", () -> new AttachCommand(ctr)),
                leaf("exec", () -> new ExecCommand(ctr)),
                leaf("top", () -> new TopCommand(ctr)),
                leaf("rm", () -> new RmCommand(ctr)),
                leaf("rename", () -> new RenameCommand(ctr)),
                leaf("mount", () -> new MountCommand(ctr)),
                leaf("unmount", () -> new UnmountCommand(ctr), "umount"),
                leaf("export", () -> new ExportCommand(ctr)),
                leaf("commit", () -> new CommitCommand(ctr)),
                leaf("diff", () -> new DiffCommand(ctr)),
                leaf("cp", () -> new CopyCommand(ctr)),
                leaf("stat", () -> new StatCommand(ctr)),
                leaf("update", () -> new UpdateCommand(ctr)),
                leaf("cleanup", () -> new CleanupCommand(ctr)),
                leaf("checkpoint", () -> new CheckpointCommand(ctr)),
                leaf("restore", () -> new RestoreCommand(ctr))));
    }

    private static Entry containerGroup(Invocation ctr) {
        List<Entry> entries = containerVerbs(ctr);
        entries.add(leaf("ls", () -> new PsCommand(ctr), "list", "ps"));
        entries.add(leaf("inspect", () -> new InspectCommand(ctr, InspectCommand.Kind.CONTAINER)));
        return new Group("container", "Commands on containers", entries);
    }

    /** Those that are the same below {@code ctr} and below {@code ctr image}. */
    private static List<Entry> imageVerbs(Invocation ctr) {
        return new ArrayList<>(List.of(
                leaf("pull", () -> new PullCommand(ctr)),
                leaf("push", () -> new PushCommand(ctr)),
                leaf("import", () -> new ImportCommand(ctr)),
                leaf("load", () -> new LoadCommand(ctr)),
                leaf("save", () -> new SaveCommand(ctr)),
                leaf("tag", () -> new TagCommand(ctr)),
                leaf("untag", () -> new UntagCommand(ctr)),
                leaf("history", () -> new HistoryCommand(ctr))));
    }

    private static Entry imageGroup(Invocation ctr) {
        List<Entry> entries = imageVerbs(ctr);
        entries.add(leaf("ls", () -> new ImagesCommand(ctr), "list"));
        entries.add(leaf("exists", () -> new ImageExistsCommand(ctr)));
        entries.add(leaf("inspect", () -> new InspectCommand(ctr, InspectCommand.Kind.IMAGE)));
        entries.add(leaf("prune", () -> new ImagePruneCommand(ctr)));
        entries.add(leaf("rm", () -> new RmiCommand(ctr), "remove"));
        return new Group("image", "Commands on images", entries);
    }

    private static Entry volumeGroup(Invocation ctr) {
        return new Group(
                "volume",
                "Commands on volumes",
                List.of(
                        leaf("create", () -> new VolumeCreateCommand(ctr)),
                        leaf("exists", () -> new VolumeExistsCommand(ctr)),
                        leaf("export", () -> new VolumeExportCommand(ctr)),
                        leaf("import", () -> new VolumeImportCommand(ctr)),
                        leaf("ls", () -> new VolumeLsCommand(ctr), "list"),
                        leaf("prune", () -> new VolumePruneCommand(ctr)),
                        leaf("inspect", () -> new InspectCommand(ctr, InspectCommand.Kind.VOLUME)),
                        leaf("rm", () -> new VolumeRmCommand(ctr), "remove")));
    }

    private static Entry networkGroup(Invocation ctr) {
        return new Group(
                "network",
                "Commands on networks",
                List.of(
                        leaf("create", () -> new NetworkCreateCommand(ctr)),
                        leaf("ls", () -> new NetworkLsCommand(ctr), "list"),
                        leaf("inspect", () -> new NetworkInspectCommand(ctr)),
                        leaf("exists", () -> new NetworkExistsCommand(ctr)),
                        leaf("connect", () -> new NetworkConnectCommand(ctr)),
                        leaf("disconnect", () -> new NetworkDisconnectCommand(ctr)),
                        leaf("reload", () -> new NetworkReloadCommand(ctr)),
                        leaf("prune", () -> new NetworkPruneCommand(ctr)),
                        leaf("rm", () -> new NetworkRmCommand(ctr), "remove")));
    }

    private static Entry podGroup(Invocation ctr) {
        return new Group(
                "pod",
                "Commands on pods",
                List.of(
                        leaf("create", () -> new PodCreateCommand(ctr)),
                        leaf("start", () -> new PodStartCommand(ctr)),
                        leaf("stop", () -> new PodStopCommand(ctr)),
                        leaf("restart", () -> new PodRestartCommand(ctr)),
                        leaf("kill", () -> new PodKillCommand(ctr)),
                        leaf("pause", () -> new PodPauseCommand(ctr)),
                        leaf("unpause", () -> new PodUnpauseCommand(ctr)),
                        leaf("ps", () -> new PodPsCommand(ctr), "ls", "list"),
                        leaf("inspect", () -> new PodInspectCommand(ctr)),
                        leaf("exists", () -> new PodExistsCommand(ctr)),
                        leaf("rm", () -> new PodRmCommand(ctr))));
    }

    private static Entry archiveGroup(Invocation ctr) {
        return new Group(
                "archive",
                "Commands on checkpoint archives",
                List.of(
                        leaf("show", () -> new ArchiveShowCommand(ctr)),
                        leaf("inspect", () -> new ArchiveInspectCommand(ctr)),
                        leaf("verify", () -> new ArchiveVerifyCommand(ctr)),
                        leaf("diff", () -> new ArchiveDiffCommand(ctr)),
                        leaf("extract", () -> new ArchiveExtractCommand(ctr))));
    }

    private static Entry migrateBranch(Invocation ctr) {
        return new Branch(
                "migrate",
                () -> new MigrateCommand(ctr),
                List.of(
                        leaf("ls", () -> new MigrateLsCommand(ctr), "list"),
                        leaf("show", () -> new MigrateShowCommand(ctr)),
                        leaf("cancel", () -> new MigrateCancelCommand(ctr)),
                        leaf("resolve", () -> new MigrateResolveCommand(ctr))));
    }

    private static Entry agentGroup(Invocation ctr) {
        return new Group(
                "agent",
                "Commands on agents, by which hosts meet",
                List.of(
                        leaf("serve", () -> new AgentServeCommand(ctr)),
                        leaf("ping", () -> new AgentPingCommand(ctr)),
                        leaf("ps", () -> new AgentPsCommand(ctr)),
                        leaf("attach", () -> new AgentAttachCommand(ctr)),
                        new Group(
                                "pki",
                                "A certificate authority for agents",
                                List.of(
                                        leaf("init", () -> new PkiInitCommand(ctr)),
                                        leaf("issue", () -> new PkiIssueCommand(ctr))))));
    }

    private static Entry leaf(String name, Supplier<Object> command, String... aliases) {
        return new Leaf(name, command, List.of(aliases));
    }

    /** The parser's manners, which are those of podman's. */
    private static void configure(CommandLine root) {
        root.setExpandAtFiles(false)
                .setOverwrittenOptionsAllowed(true)
                .setAllowOptionsAsOptionParameters(true)
                .setAllowSubcommandsAsOptionParameters(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(HELP_WIDTH)
                .registerConverter(ByteSize.class, ByteSize::parse);
        root.getCommandSpec()
                .version("ctr version " + Version.ofThis().version())
                .addOption(OptionSpec.builder("-v", "--version")
                        .versionHelp(true)
                        .description("Print the version")
                        .build());
        refine(root);
    }

    private static void refine(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        OptionSpec.Builder help =
                spec.findOption("-h") == null ? OptionSpec.builder("-h", "--help") : OptionSpec.builder("--help");
        spec.addOption(help.usageHelp(true).description("Print this help").build());
        spec.usageMessage().abbreviateSynopsis(true);
        command.setStopAtPositional(WITH_FOREIGN_ARGUMENTS.contains(spec.name())
                && !(spec.userObject() instanceof VolumeCreateCommand)
                && !(spec.userObject() instanceof NetworkCreateCommand)
                && !(spec.userObject() instanceof PodCreateCommand));
        command.getSubcommands().values().stream().distinct().forEach(CommandTree::refine);
    }
}
