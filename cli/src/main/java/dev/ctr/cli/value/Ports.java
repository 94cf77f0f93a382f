package dev.ctr.cli.value;

import dev.ctr.lifecycle.network.PortMapping;
import java.util.Arrays;
import java.util.List;

/** Published ports as {@code -p} takes them, several of them or several in one value, separated by commas. */
public final class Ports {
    private Ports() {}

    /**
     * Parses them.
     *
     * @throws dev.ctr.lifecycle.EngineException with INVALID_ARGUMENT if one has not the form of {@link PortMapping#parse}
     */
    public static List<PortMapping> parse(List<String> values) {
        return values.stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(PortMapping::parse)
                .toList();
    }
}
