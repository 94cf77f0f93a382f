package dev.ctr.cli.value;

import dev.ctr.lifecycle.ResourceOptions.Device;
import dev.ctr.lifecycle.ResourceOptions.DeviceRule;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Devices and what is said of them, as {@code --device} and its relatives take them. */
public final class Devices {
    private static final Pattern ACCESS = Pattern.compile("[rwm]{1,3}");
    private static final Pattern RULE = Pattern.compile("([abc]) (\\d{1,9}|\\*):(\\d{1,9}|\\*) ([rwm]{1,3})");

    private Devices() {}

    /**
     * A number that a device is given.
     *
     * @param device the device's path on the host
     */
    public record Value(String device, long number) {}

    /**
     * Parses {@code HOST[:CONTAINER][:ACCESS]}.
     *
     * @throws IllegalArgumentException if it has not that form
     */
    public static Device parse(String text) {
        String[] parts = text.split(":", -1);
        String host = parts[0];
        if (!host.startsWith("/") || parts.length > 3) {
            throw invalid("invalid device specification: " + text);
        }
        if (parts.length == 2 && ACCESS.matcher(parts[1]).matches()) {
            return new Device(host, host, parts[1]);
        }
        String container = parts.length < 2 || parts[1].isEmpty() ? host : parts[1];
        String access = parts.length < 3 ? "rwm" : parts[2];
        if (!container.startsWith("/")) {
            throw invalid("invalid device mode: " + container);
        }
        if (!ACCESS.matcher(access).matches()) {
            throw invalid("invalid device mode: " + access);
        }
        return new Device(host, container, access);
    }

    /**
     * Parses {@code TYPE MAJOR:MINOR ACCESS}; {@code *} stands for all numbers.
     *
     * @throws IllegalArgumentException if it has not that form
     */
    public static DeviceRule parseRule(String text) {
        Matcher rule = RULE.matcher(text);
        if (!rule.matches()) {
            throw invalid("invalid device cgroup rule requires type, major:minor, and access rules: \"" + text + "\"");
        }
        return new DeviceRule(rule.group(1), number(rule.group(2)), number(rule.group(3)), rule.group(4));
    }

    private static long number(String text) {
        return text.equals("*") ? -1 : Long.parseLong(text);
    }

    /**
     * Parses {@code DEVICE:SIZE}.
     *
     * @throws IllegalArgumentException if it has not that form
     */
    public static Value parseValue(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.startsWith("/dev/")) {
            throw invalid("bad format: " + text + ": it must be /dev/DEVICE:NUMBER");
        }
        return new Value(
                text.substring(0, colon),
                ByteSize.parse(text.substring(colon + 1)).bytes());
    }

    private static IllegalArgumentException invalid(String message) {
        return new IllegalArgumentException(message);
    }
}
