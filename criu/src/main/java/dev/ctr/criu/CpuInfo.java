package dev.ctr.criu;

import dev.ctr.criu.linux.ProgramOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * CRIU's own account of a processor, an image of a few hundred bytes, and its comparison with another processor ({@code criu cpuinfo},
 * criu(8)).
 *
 * <p>Of the instructions CRIU compares those that its list has, which ends before the newest, such as AMX's; a processor that has more is
 * good enough ({@link CpuFeatures} knows newer ones). Of the state that a processor saves of a task it compares the size, and wants the same
 * although a processor that saves more can take less (CRIU 4.2.1, criu/arch/x86/cpu.c). It takes any vendor for another.
 */
public final class CpuInfo {
    /** The image's name in its directory. */
    public static final String FILE = "cpuinfo.img";

    private CpuInfo() {}

    /**
     * Writes this host's account into a directory. Costs some 20 ms.
     *
     * @throws IOException if CRIU has none to give, as on a processor that it does not know
     */
    public static void dump(Criu criu, Path directory) throws IOException, InterruptedException {
        ProgramOutput output = run(criu, "dump", directory);
        if (!output.succeeded()) {
            throw new IOException("CRIU cannot tell of this processor: " + reason(output));
        }
    }

    /**
     * How another processor differs from this host's, in CRIU's words.
     *
     * @param missing instructions that this one lacks; empty if it has all
     * @param different the state that it saves of a task; empty if that is the same
     */
    public record Comparison(Optional<String> missing, Optional<String> different) {
        /** Nothing is different, or nothing is known. */
        public static final Comparison SAME = new Comparison(Optional.empty(), Optional.empty());
    }

    /** Compares the account in a directory, which may have been written anywhere by anybody, with this host. Costs some 40 ms. */
    public static Comparison compare(Criu criu, Path directory) throws IOException, InterruptedException {
        ProgramOutput instructions = run(criu, "check", directory, "--cpu-cap=^fpu");
        if (!instructions.succeeded()) {
            return new Comparison(Optional.of(reason(instructions)), Optional.empty());
        }
        ProgramOutput all = run(criu, "check", directory);
        return all.succeeded() ? Comparison.SAME : new Comparison(Optional.empty(), Optional.of(reason(all)));
    }

    private static ProgramOutput run(Criu criu, String action, Path directory, String... more)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("cpuinfo", action, "--images-dir", directory.toString()));
        arguments.addAll(List.of(more));
        return criu.run(arguments);
    }

    private static String reason(ProgramOutput output) {
        List<String> lines = CriuLog.decisive((output.stdout() + output.stderr()).lines());
        return lines.isEmpty() ? "it did not say why" : String.join("; ", lines);
    }
}
