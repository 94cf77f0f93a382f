package dev.ctr.cli.value;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.network.NetworkOptions;
import java.util.List;
import java.util.Set;

/** {@code --network} as podman reads it: a mode, or networks, each with options after a colon. */
public final class NetworkFlag {
    private static final Set<String> MODES = Set.of(
            "bridge", "slirp4netns", "pasta", "pod", "none", "default", "private", "ns", "path", "container", "host");
    private static final Set<String> UNSUPPORTED = Set.of("slirp4netns", "pasta", "pod", "path");

    private NetworkFlag() {}

    /**
     * Adds what several such flags ask for.
     *
     * @throws Failure in podman's words if they make no sense
     */
    public static void addTo(CreateOptions options, List<String> flags) {
        if (flags.isEmpty()) {
            return;
        }
        String first = flags.get(0);
        String mode = word(first);
        if (UNSUPPORTED.contains(mode)) {
            throw new Failure("network mode " + mode
                    + " is not supported: use bridge, none, host, container:NAME, ns:PATH" + " or a network's name");
        }
        boolean isBridge =
                !MODES.contains(mode) || Set.of("bridge", "default", "private").contains(mode);
        if (!isBridge) {
            if (flags.size() > 1) {
                throw new Failure("cannot set multiple networks without bridge network mode, selected mode " + mode
                        + ": invalid argument");
            }
            options.network(first);
            return;
        }
        if (first.contains(":")) {
            join(options, first);
        } else {
            List.of(first.split(",", -1)).forEach(name -> join(options, name));
        }
        for (String flag : flags.subList(1, flags.size())) {
            if (MODES.contains(word(flag))) {
                throw new Failure("can only set extra network names, selected mode " + word(flag)
                        + " conflicts with bridge: invalid argument");
            }
            join(options, flag);
        }
    }

    private static String word(String flag) {
        return flag.split(":", 2)[0];
    }

    private static void join(CreateOptions options, String flag) {
        String[] parts = flag.split(":", 2);
        if (parts[0].isEmpty()) {
            throw new Failure("network name cannot be empty");
        }
        options.joinNetwork(parts[0], parts.length == 1 ? NetworkOptions.ANY : parse(parts[0], parts[1]));
    }

    private static NetworkOptions parse(String network, String text) {
        NetworkOptions options = NetworkOptions.ANY;
        for (String option : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String[] pair = option.split("=", 2);
            String value = pair.length == 1 ? "" : pair[1];
            options = switch (pair[0]) {
                case "ip", "ip6" -> options.withStaticIp(notEmpty(network, "invalid ip address", value));
                case "mac" -> options.withStaticMac(notEmpty(network, "invalid mac address", value));
                case "alias" -> options.withAlias(notEmpty(network, "alias cannot be empty", value));
                case "interface_name" ->
                    options.withInterfaceName(notEmpty(network, "interface_name cannot be empty", value));
                default ->
                    throw new Failure(
                            "invalid option for network " + network + ": unknown bridge network option: " + pair[0]);
            };
        }
        return options;
    }

    private static String notEmpty(String network, String complaint, String value) {
        if (value.isEmpty()) {
            throw new Failure("invalid option for network " + network + ": " + complaint);
        }
        return value;
    }
}
