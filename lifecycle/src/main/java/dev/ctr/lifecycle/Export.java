package dev.ctr.lifecycle;

import dev.ctr.archive.TarTree;
import dev.ctr.lifecycle.ContainerRoot.Extent;
import dev.ctr.lifecycle.event.EventStatus;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes a container's root file system as a tar, without what is mounted in it. */
final class Export {
    private static final String PHASE = "export";

    private final Container container;
    private final EngineContext engine;
    private final Progress progress;

    Export(Container container, EngineContext engine, Progress progress) {
        this.container = container;
        this.engine = engine;
        this.progress = progress;
    }

    /** Writes the tar; returns what was left out, a sentence each. */
    List<String> writeTo(OutputStream out) throws IOException, InterruptedException {
        List<String> warnings = ContainerRoot.using(container, Extent.ROOT_FILE_SYSTEM, (root, config) -> {
            TarTree tar = new TarTree(new Reporting(out), TarTree.Devices.KEEP);
            tar.addDirectory(root, "", false);
            tar.finish();
            return tar.warnings();
        });
        engine.events().record(LockedContainer.event(container.config(), EventStatus.EXPORT));
        return warnings;
    }

    /** Reports what goes through it. */
    private final class Reporting extends FilterOutputStream {
        private long done;

        Reporting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            done++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            done += length;
            progress.report(PHASE, done, 0);
        }
    }
}
