package dev.ctr.lifecycle.check;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * The CNI plugins of this host; the JSON form leaves out what is empty.
 *
 * @param path the directory that has them
 * @param version the newest version of the CNI specification that they speak
 * @param plugins the names of those that ctr uses and that are there
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record InstalledPlugins(String path, String version, List<String> plugins) {
    public InstalledPlugins {
        plugins = List.copyOf(plugins);
    }
}
