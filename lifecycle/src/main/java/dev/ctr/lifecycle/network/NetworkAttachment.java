package dev.ctr.lifecycle.network;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a container wants of its networks.
 *
 * @param containerId the container's ID
 * @param containerName its name, for error messages
 * @param namespace the file that holds its network namespace
 * @param stateDirectory where the record of the attachment is kept, for this container alone; it must not outlive the boot unread
 * @param networks how it joins each network, in this order; may be empty, then only {@code lo} is brought up
 * @param ports what is published on the host, through the first network; every host port is a number above 0
 */
public record NetworkAttachment(
        String containerId,
        String containerName,
        Path namespace,
        Path stateDirectory,
        Map<String, NetworkOptions> networks,
        List<PortMapping> ports) {
    public NetworkAttachment {
        networks = Collections.unmodifiableMap(new LinkedHashMap<>(networks));
        ports = List.copyOf(ports);
    }
}
