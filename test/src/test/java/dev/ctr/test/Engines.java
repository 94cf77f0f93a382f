package dev.ctr.test;

import dev.ctr.lifecycle.CgroupManager;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineOptions;
import java.util.List;

/** The library on the roots of tests. */
final class Engines {
    private Engines() {}

    /** An engine on a root; nobody cleans up behind its containers but whoever uses them. */
    static Engine of(CtrRoot root) {
        return Engine.open(new EngineOptions(
                root.root(),
                root.runRoot(),
                EngineOptions.DEFAULT_RUNTIME,
                CgroupManager.CGROUPFS,
                root.cgroupParent(),
                List.of()));
    }

    /** A busybox container without a network. */
    static CreateOptions busybox(String... command) {
        return CreateOptions.fromImage("bb").network("none").command(List.of(command));
    }
}
