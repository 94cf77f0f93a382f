package dev.ctr.lifecycle.check;

import dev.ctr.criu.Criu;
import dev.ctr.lifecycle.EngineOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Finds out what this host can do, by trying it wherever that leaves no trace. The trials run in parallel, since most of
 * them are programs to be asked or calls into the kernel.
 */
public final class HostCheck {
    private final EngineOptions options;
    private final String searchPath;

    /** A check for an engine with these options: for their runtime, and for overlays below their root. */
    public HostCheck(EngineOptions options) {
        this.options = options;
        this.searchPath = Criu.searchPath(System.getenv().getOrDefault("PATH", ""));
    }

    /**
     * Runs all trials, in some tenths of a second. A feature whose trial fails for another reason than its absence is reported
     * as missing, with the reason.
     */
    public HostReport run() throws InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Kernel kernel = KernelTrials.kernel();
            KernelTrials trials = new KernelTrials(kernel, options.root());
            RuntimeTrials runtimes = new RuntimeTrials(options.runtime(), searchPath);
            ProgramTrials programs = new ProgramTrials(searchPath);
            PluginTrials plugins = new PluginTrials(System.getenv());

            Future<Findings<InstalledProgram>> criu = threads.submit(() -> new CriuTrials(kernel).run());
            Future<Findings<InstalledProgram>> runtime = threads.submit(runtimes::run);
            Future<Findings<InstalledProgram>> conmon = threads.submit(programs::conmon);
            Future<Findings<InstalledPlugins>> cni = threads.submit(plugins::run);
            List<Future<List<Feature>>> others = List.of(
                    threads.submit(trials::basics),
                    threads.submit(trials::memory),
                    threads.submit(trials::storage),
                    threads.submit(trials::network),
                    threads.submit(programs::others));

            List<Feature> features = new ArrayList<>();
            features.addAll(criu.get().features());
            features.addAll(runtime.get().features());
            features.addAll(conmon.get().features());
            for (Future<List<Feature>> other : others) {
                features.addAll(other.get());
            }
            features.addAll(cni.get().features());
            return new HostReport(
                    criu.get().subject(),
                    runtime.get().subject(),
                    conmon.get().subject(),
                    cni.get().subject(),
                    kernel,
                    features);
        } catch (ExecutionException e) {
            throw new IllegalStateException("The check of this host broke off", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
