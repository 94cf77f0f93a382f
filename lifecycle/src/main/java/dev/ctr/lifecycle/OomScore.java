package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How readily the kernel kills a process when memory runs out (proc_pid_oom_score_adj(5)). */
final class OomScore {
    private static final String KEY = "oomScoreAdj";

    private OomScore() {}

    /** Raises a specification's value to this process's own, below which nobody goes without CAP_SYS_RESOURCE. */
    static void raise(ObjectNode process) throws IOException {
        if (!process.has(KEY) || Ulimits.mayRaise()) {
            return;
        }
        int own = Integer.parseInt(
                Files.readString(Path.of("/proc/self/oom_score_adj")).strip());
        process.put(KEY, Math.max(own, process.path(KEY).asInt()));
    }
}
