package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.SecurityOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What a container that is to be created may do. */
final class SecurityFlags {
    private static final String NO_NEW_PRIVILEGES = "no-new-privileges";

    @Option(names = "--privileged", description = "Give it every capability and device, and no seccomp profile")
    private boolean privileged;

    @Option(names = "--cap-add", paramLabel = "CAPABILITY", split = ",", description = "Add a capability, or all")
    private List<String> addedCapabilities = new ArrayList<>();

    @Option(names = "--cap-drop", paramLabel = "CAPABILITY", split = ",", description = "Drop a capability, or all")
    private List<String> droppedCapabilities = new ArrayList<>();

    @Option(
            names = "--security-opt",
            paramLabel = "OPTION",
            description = "seccomp=FILE|unconfined, no-new-privileges, mask=PATH[:PATH...], unmask=ALL|PATH[:PATH...], "
                    + "apparmor=PROFILE, label=OPTION, proc-opts=OPTION")
    private List<String> options = new ArrayList<>();

    void addTo(CreateOptions create) {
        create.privileged(privileged);
        addedCapabilities.forEach(create.security()::addCapability);
        droppedCapabilities.forEach(create.security()::dropCapability);
        options.forEach(option -> add(option, create.security()));
    }

    private static void add(String option, SecurityOptions security) {
        if (option.equals(NO_NEW_PRIVILEGES)) {
            security.noNewPrivileges(true);
            return;
        }
        int equals = option.indexOf('=');
        if (equals < 0) {
            throw new Failure("invalid --security-opt 1: \"" + option + "\": it must be NAME=VALUE");
        }
        String value = option.substring(equals + 1);
        switch (option.substring(0, equals)) {
            case NO_NEW_PRIVILEGES -> security.noNewPrivileges(Boolean.parseBoolean(value));
            case "seccomp" -> security.seccompProfile(seccompProfile(value));
            case "apparmor" -> security.appArmorProfile(value);
            case "label" -> security.label(value);
            case "mask" -> Stream.of(value.split(":")).forEach(security::mask);
            case "unmask" -> Stream.of(value.split(":")).forEach(security::unmask);
            case "proc-opts" -> Stream.of(value.split(",")).forEach(security::procOption);
            default -> throw new Failure("invalid --security-opt 2: \"" + option + "\"");
        }
    }

    private static String seccompProfile(String value) {
        return value.equals(SecurityOptions.UNCONFINED)
                ? value
                : Path.of(value).toAbsolutePath().toString();
    }
}
