package dev.ctr.archive.inspect;

import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.OpenDescriptor;
import java.util.List;

/**
 * What was found out of a process. What was not asked for is empty.
 *
 * @param process the process
 * @param program the path of its program
 * @param arguments its command line
 * @param environment its environment, {@code NAME=VALUE}
 * @param workingDirectory its working directory
 * @param rootDirectory its root directory
 * @param descriptors what it has open
 * @param memory its memory by mapping
 */
public record ProcessReport(
        DumpedProcess process,
        String program,
        List<String> arguments,
        List<String> environment,
        String workingDirectory,
        String rootDirectory,
        List<OpenDescriptor> descriptors,
        List<MappingMemory> memory) {
    /** Makes the lists immutable. */
    public ProcessReport {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        descriptors = List.copyOf(descriptors);
        memory = List.copyOf(memory);
    }
}
