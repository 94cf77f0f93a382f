package dev.ctr.agent.migration;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** How much memory a tree of processes uses, by what the kernel says of each (proc(5)): what they share counts more than once. */
final class ProcessMemory {
    private static final int MOST = 100_000;
    private static final int KIBIBYTE = 1024;

    private ProcessMemory() {}

    /** @param first the tree's first process; 0 for none */
    static long resident(long first) {
        long bytes = 0;
        Deque<Long> left = new ArrayDeque<>();
        if (first != 0) {
            left.add(first);
        }
        for (int count = 0; !left.isEmpty() && count < MOST; count++) {
            bytes += look(Path.of("/proc", Long.toString(left.remove())), left);
        }
        return bytes;
    }

    /** What one process uses; 0 if it has ended. Its children are looked at next. */
    private static long look(Path process, Deque<Long> next) {
        try {
            addChildren(process, next);
            return residentOf(process);
        } catch (IOException ended) {
            return 0;
        }
    }

    private static long residentOf(Path process) throws IOException {
        for (String line : Files.readAllLines(process.resolve("status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE;
            }
        }
        return 0;
    }

    /** The children of a process; none if it has ended. */
    static List<Long> children(Path process) {
        Deque<Long> children = new ArrayDeque<>();
        try {
            addChildren(process, children);
        } catch (IOException ended) {
            return List.of();
        }
        return List.copyOf(children);
    }

    private static void addChildren(Path process, Deque<Long> left) throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                for (String child :
                        Files.readString(thread.resolve("children")).strip().split(" ", -1)) {
                    if (!child.isEmpty()) {
                        left.add(Long.parseLong(child));
                    }
                }
            }
        }
    }
}
