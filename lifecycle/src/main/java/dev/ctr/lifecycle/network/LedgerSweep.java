package dev.ctr.lifecycle.network;

import dev.ctr.criu.linux.NetworkNamespace;
import dev.ctr.lifecycle.LockFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Removes ledgers that nobody can need: those of earlier boots, and those of network namespaces that are gone. A namespace counts
 * as gone if no process is in it, nothing in this mount namespace keeps it, no container that is attached is entered, and its ledger
 * has not been touched for an hour. One process or thread at a time sweeps; who finds another at it leaves it to that.
 */
final class LedgerSweep {
    private static final Duration UNTOUCHED = Duration.ofHours(1);
    private static final Pattern KEPT_NAMESPACE = Pattern.compile("net:\\[(\\d+)]");

    private LedgerSweep() {}

    /** @param boot the beginning of the names of this boot's ledgers */
    static void run(Path base, String boot) throws IOException {
        Optional<LockFile> alone = LockFile.tryAcquire(base.resolve("sweep.lock"));
        if (alone.isPresent()) {
            try (LockFile ignored = alone.get()) {
                sweep(base, boot);
            }
        }
    }

    private static void sweep(Path base, String boot) throws IOException {
        Set<Long> living = new HashSet<>();
        for (Path ledger : directoriesOf(base)) {
            if (!ledger.getFileName().toString().startsWith(boot)) {
                removeTree(ledger);
            } else if (isUntouched(ledger)) {
                if (living.isEmpty()) {
                    living.addAll(namespaces());
                }
                removeIfGone(ledger, living);
            }
        }
    }

    private static List<Path> directoriesOf(Path base) throws IOException {
        try (Stream<Path> entries = Files.list(base)) {
            return entries.filter(Files::isDirectory).toList();
        }
    }

    /** One that is still being made has no claims yet. */
    private static boolean isUntouched(Path ledger) throws IOException {
        Path claims = ledger.resolve("claims");
        Instant last = Files.getLastModifiedTime(Files.exists(claims) ? claims : ledger)
                .toInstant();
        return last.plus(UNTOUCHED).isBefore(Instant.now());
    }

    private static void removeIfGone(Path ledger, Set<Long> living) throws IOException {
        String name = ledger.getFileName().toString();
        String inode = name.substring(name.lastIndexOf('-') + 1);
        if (!inode.matches("\\d{1,18}") || living.contains(Long.parseLong(inode))) {
            return;
        }
        HostLedger gone = new HostLedger(ledger);
        gone.exclusively(() -> {
            if (!gone.isInUse()) {
                removeTree(setAside(ledger));
            }
            return gone;
        });
    }

    /**
     * Takes a ledger away from those who wait for its lock, who make it anew. What a kill leaves of it has no boot's name, so the
     * next sweep removes it.
     */
    private static Path setAside(Path ledger) throws IOException {
        Path aside = Files.createTempDirectory(ledger.getParent(), "gone-");
        Files.move(ledger, aside.resolve("ledger"), StandardCopyOption.ATOMIC_MOVE);
        return aside;
    }

    /** The inodes of the network namespaces that processes are in or that a mount keeps. */
    private static Set<Long> namespaces() throws IOException {
        Set<Long> inodes = new HashSet<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                if (Character.isDigit(process.getFileName().toString().charAt(0))) {
                    add(process.resolve("ns/net"), inodes);
                }
            }
        }
        inodes.add(NetworkNamespace.currentInode());
        Matcher kept = KEPT_NAMESPACE.matcher(Files.readString(Path.of("/proc/self/mountinfo")));
        while (kept.find()) {
            inodes.add(Long.parseLong(kept.group(1)));
        }
        return inodes;
    }

    private static void add(Path namespace, Set<Long> inodes) {
        try {
            inodes.add(NetworkNamespace.inode(namespace));
        } catch (IOException ended) {
            // The process has.
        }
    }

    private static void removeTree(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
