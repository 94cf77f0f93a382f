package dev.ctr.cli.invocation;

import dev.ctr.lifecycle.CgroupManager;
import dev.ctr.lifecycle.EngineOptions;
import dev.ctr.lifecycle.RestorePolicy;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The settings of one run of {@code ctr}: a flag wins over the environment, that over the configuration file, that over
 * the default.
 *
 * @param root see {@link EngineOptions}
 * @param runRoot see {@link EngineOptions}
 * @param runtime see {@link EngineOptions}
 * @param runtimeGiven whether somebody chose the runtime: it is not merely the default
 * @param cgroupManager see {@link EngineOptions}
 * @param cgroupParent see {@link EngineOptions}
 * @param logLevel how much is told on standard error
 * @param policy the file that says what checkpoints from elsewhere are granted
 * @param agent how this host meets others
 */
public record Settings(
        Path root,
        Path runRoot,
        String runtime,
        boolean runtimeGiven,
        CgroupManager cgroupManager,
        String cgroupParent,
        LogLevel logLevel,
        Optional<Path> policy,
        AgentSettings agent) {

    static final Path DEFAULT_FILE = Path.of("/etc/ctr/ctr.toml");

    /** The keys of the configuration file; the flags and variables have the same names. */
    static final List<String> KEYS = List.of(
            "root",
            "runroot",
            "runtime",
            "cgroup-manager",
            "cgroup-parent",
            "log-level",
            "policy",
            "agent-cert",
            "agent-key",
            "agent-ca",
            "agent-allow");

    /**
     * How this host meets others, unless a command says otherwise.
     *
     * @param certificate its certificate
     * @param key that one's private key
     * @param authority the authorities whose word counts
     * @param allowed the names of the peers that its agent serves
     */
    public record AgentSettings(
            Optional<Path> certificate, Optional<Path> key, Optional<Path> authority, List<String> allowed) {}

    /** How much is told on standard error. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG;

        /** The word for it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Puts the settings together.
     *
     * @throws Failure if a value or the file makes no sense, or a file that was named does not exist
     */
    public static Settings resolve(GlobalFlags flags, Map<String, String> environment) {
        return resolve(flags.given(), environment, DEFAULT_FILE);
    }

    static Settings resolve(Map<String, String> flags, Map<String, String> environment, Path defaultFile) {
        Map<String, String> values = new HashMap<>(file(flags, environment, defaultFile));
        for (String key : KEYS) {
            String variable = environment.getOrDefault(variable(key), "");
            if (!variable.isEmpty()) {
                values.put(key, variable);
            }
        }
        values.putAll(flags);
        return new Settings(
                path(values, "root", EngineOptions.DEFAULT_ROOT),
                path(values, "runroot", EngineOptions.DEFAULT_RUN_ROOT),
                values.getOrDefault("runtime", EngineOptions.DEFAULT_RUNTIME),
                values.containsKey("runtime"),
                cgroupManager(values.getOrDefault("cgroup-manager", CgroupManager.CGROUPFS.word())),
                values.getOrDefault("cgroup-parent", EngineOptions.DEFAULT_CGROUP_PARENT),
                logLevel(values.getOrDefault("log-level", LogLevel.WARN.word())),
                optionalPath(values, "policy"),
                new AgentSettings(
                        optionalPath(values, "agent-cert"),
                        optionalPath(values, "agent-key"),
                        optionalPath(values, "agent-ca"),
                        Stream.of(values.getOrDefault("agent-allow", "").split(","))
                                .map(String::strip)
                                .filter(name -> !name.isEmpty())
                                .toList()));
    }

    private static Optional<Path> optionalPath(Map<String, String> values, String key) {
        return Optional.ofNullable(values.get(key)).map(file -> pathOf(key, file));
    }

    private static Map<String, String> file(
            Map<String, String> flags, Map<String, String> environment, Path byDefault) {
        String named = flags.getOrDefault("config", environment.getOrDefault(variable("config"), ""));
        if (!named.isEmpty()) {
            return SettingsFile.read(pathOf("config", named));
        }
        return Files.exists(byDefault) ? SettingsFile.read(byDefault) : Map.of();
    }

    private static String variable(String key) {
        return "CTR_" + key.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static Path path(Map<String, String> values, String key, Path byDefault) {
        String value = values.get(key);
        return value == null ? byDefault : pathOf(key, value);
    }

    private static Path pathOf(String key, String value) {
        if (value.isEmpty()) {
            throw new Failure("invalid value \"\" for " + key + ": it must be a path");
        }
        try {
            return Path.of(value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new Failure(ExitCode.CTR, "invalid value for " + key + ": " + e.getMessage(), e);
        }
    }

    private static CgroupManager cgroupManager(String word) {
        for (CgroupManager manager : CgroupManager.values()) {
            if (manager.word().equals(word)) {
                return manager;
            }
        }
        throw new Failure("invalid value \"" + word + "\" for cgroup-manager: it must be cgroupfs or systemd");
    }

    private static LogLevel logLevel(String word) {
        for (LogLevel level : LogLevel.values()) {
            if (level.word().equals(word)) {
                return level;
            }
        }
        throw new Failure("invalid value \"" + word + "\" for log-level: it must be error, warn, info or debug");
    }

    /**
     * What checkpoints from elsewhere are granted.
     *
     * @param file a policy file that was named for this run, empty if none was
     * @throws Failure if a key or a value of the file makes no sense, or there is no such file
     */
    public RestorePolicy restorePolicy(String file) {
        Optional<Path> named = file.isEmpty() ? policy : Optional.of(pathOf("policy", file));
        return named.map(SettingsFile::readPolicy).map(RestorePolicy::of).orElse(RestorePolicy.DEFAULT);
    }

    /** The engine's options; {@code launcher} is the command that conmon calls back, empty when there is none. */
    EngineOptions engineOptions(List<String> launcher) {
        return new EngineOptions(root, runRoot, runtime, cgroupManager, cgroupParent, launcher);
    }
}
