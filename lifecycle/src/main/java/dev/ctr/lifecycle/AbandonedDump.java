package dev.ctr.lifecycle;

import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.TcpRepair;
import dev.ctr.lifecycle.runtime.Cgroup;
import dev.ctr.lifecycle.runtime.Freezer;
import java.io.IOException;
import java.util.Optional;

/**
 * Lets a container go on whose CRIU was killed in the middle of a dump: it has left the tasks frozen by their cgroup, their TCP sockets
 * in repair, and the network locked. Does no harm where it has not.
 */
final class AbandonedDump {
    /** What CRIU's two ways to lock a network namespace leave (CRIU's sources, {@code network_lock_internal}). */
    private static final String UNLOCK = """
            for tables in iptables ip6tables; do
              for chain in INPUT OUTPUT; do
                $tables -D $chain -j CRIU
              done
              $tables -F CRIU
              $tables -X CRIU
            done
            nft list tables | while read -r word family name; do
              case "$name" in CRIU*) nft delete table "$family" "$name" ;; esac
            done""";

    private AbandonedDump() {}

    /** For a container that runs, and was not paused when the dump began. */
    static void resume(LockedContainer container) throws IOException, InterruptedException {
        endRepair(container);
        if (container.config().ownsNetworkNamespace()) {
            new ProcessBuilder(
                            "nsenter",
                            "--net=" + container.paths().networkNamespace(),
                            "sh",
                            "-c",
                            "{ " + UNLOCK + "\n} 2>/dev/null")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
        Optional<Freezer> freezer = Freezer.of(cgroup(container));
        if (freezer.isPresent()) {
            freezer.get().thaw();
        }
    }

    /** Takes the sockets out of repair, which must be done before the tasks meet with them. */
    static void endRepair(LockedContainer container) throws IOException {
        for (long pid : cgroup(container).processes()) {
            Optional<ProcessIdentity> process = ProcessIdentity.of(pid);
            if (process.isPresent()) {
                TcpRepair.end(process.get());
            }
        }
    }

    private static Cgroup cgroup(LockedContainer container) {
        return container.engine().cgroup(container.config());
    }
}
