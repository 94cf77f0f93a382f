package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import dev.ctr.criu.CpuInfo;
import dev.ctr.criu.Criu;
import dev.ctr.criu.linux.BootId;
import dev.ctr.lifecycle.LockFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * CRIU's account of this host's processor, and its comparison with that of another. CRIU is asked once in a boot for this host's, which is
 * kept in {@code RUNROOT/cpuinfo}, and once by each agent for each processor that it meets. Safe for concurrent use by any number of
 * threads and processes.
 */
final class ProcessorAccount {
    /** A real one has some hundred bytes. */
    static final int LARGEST = 64 << 10;

    private static final int MOST_VERDICTS = 64;
    private static final String OWN = "own-";

    private final Path directory;

    /** What CRIU said of accounts that came, by them and the CRIU that said it. */
    @GuardedBy("this")
    private final Map<Map.Entry<String, ByteString>, CpuInfo.Comparison> verdicts = new LinkedHashMap<>();

    /** @param runRoot the engine's run root */
    ProcessorAccount(Path runRoot) {
        this.directory = runRoot.resolve("cpuinfo");
    }

    /** This host's; empty if it has no CRIU. */
    ByteString own() throws IOException, InterruptedException {
        Optional<Criu> criu = Criu.find();
        if (criu.isEmpty()) {
            return ByteString.EMPTY;
        }
        Path kept = directory.resolve(OWN + mark(criu.get()));
        if (!Files.exists(kept)) {
            dumpTo(kept, criu.get());
        }
        return ByteString.copyFrom(Files.readAllBytes(kept));
    }

    private void dumpTo(Path kept, Criu criu) throws IOException, InterruptedException {
        try (LockFile ignored = lock()) {
            Path work = Files.createDirectories(directory.resolve("dump"));
            CpuInfo.dump(criu, work);
            try (DirectoryStream<Path> outdated = Files.newDirectoryStream(directory, OWN + "*")) {
                for (Path file : outdated) {
                    Files.delete(file);
                }
            }
            Files.move(work.resolve(CpuInfo.FILE), kept, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Compares another host's, which may be anything or nothing, with this host's. */
    synchronized CpuInfo.Comparison compare(ByteString other) throws IOException, InterruptedException {
        Optional<Criu> criu = Criu.find();
        if (criu.isEmpty() || other.isEmpty()) {
            return CpuInfo.Comparison.SAME;
        }
        if (other.size() > LARGEST) {
            return new CpuInfo.Comparison(
                    Optional.of("the account of the source's processor has " + other.size() + " bytes"),
                    Optional.empty());
        }
        Map.Entry<String, ByteString> asked = Map.entry(mark(criu.get()), other);
        CpuInfo.Comparison known = verdicts.get(asked);
        if (known == null) {
            known = compare(criu.get(), other);
            if (verdicts.size() == MOST_VERDICTS) {
                verdicts.clear();
            }
            verdicts.put(asked, known);
        }
        return known;
    }

    private CpuInfo.Comparison compare(Criu criu, ByteString other) throws IOException, InterruptedException {
        try (LockFile ignored = lock()) {
            Path work = Files.createDirectories(directory.resolve("check"));
            Path image = work.resolve(CpuInfo.FILE);
            Files.write(image, other.toByteArray());
            try {
                return CpuInfo.compare(criu, work);
            } finally {
                Files.deleteIfExists(image);
            }
        }
    }

    private LockFile lock() throws IOException {
        Files.createDirectories(directory);
        return LockFile.acquire(directory.resolve("lock"));
    }

    /** Tells this boot and this CRIU from others. */
    private static String mark(Criu criu) throws IOException {
        BasicFileAttributes program = Files.readAttributes(criu.path(), BasicFileAttributes.class);
        return BootId.abbreviated() + "-" + program.lastModifiedTime().toMillis() + "-" + program.size();
    }
}
