package dev.ctr.lifecycle.network;

import dev.ctr.lifecycle.LockFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Changes the {@code /etc/hosts} of a container that may be running. Lines that name other containers stand in a block between
 * two marks at the end; what else is in the file is left as the container has it.
 *
 * <p>The file is mounted into the container, so that it has to stay the same file and cannot be replaced by another. It is
 * written by one call, with line ends in place of what is too long, and made shorter afterwards: a reader sees the old text or the
 * new one.
 */
public final class LiveHosts {
    private static final String BEGIN = "# other containers, kept up to date by ctr";
    private static final String END = "# end of other containers";

    /** What is longer was filled by the container, and is left alone. */
    private static final int LONGEST = 1 << 20;

    private LiveHosts() {}

    /**
     * Takes lines with certain addresses out, and puts lines for others in their place. A file that does not exist is left so.
     *
     * @param gone addresses that the container has no more
     * @param added its new addresses, with its names at each
     */
    public static void replaceOwn(Path hostsFile, Collection<String> gone, Map<String, List<String>> added)
            throws IOException {
        edit(hostsFile, text -> withOwn(text, gone, added));
    }

    /** Replaces the block of other containers; no lines remove it. A file that does not exist is left so. */
    static void replaceOthers(Path hostsFile, List<String> lines) throws IOException {
        edit(hostsFile, text -> withOthers(text, lines));
    }

    /**
     * Changes the text, one process and thread at a time. A file that does not exist is left so, and one that the container has
     * filled too.
     */
    public static void edit(Path hostsFile, UnaryOperator<String> change) throws IOException {
        if (!Files.exists(hostsFile, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            LockFile.holding(hostsFile.resolveSibling(hostsFile.getFileName() + ".lock"), () -> {
                try (FileChannel file = FileChannel.open(
                        hostsFile,
                        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
                    edit(file, change);
                    return hostsFile;
                }
            });
        } catch (NoSuchFileException e) {
            // The container has gone meanwhile.
        }
    }

    private static void edit(FileChannel file, UnaryOperator<String> change) throws IOException {
        if (file.size() > LONGEST) {
            return;
        }
        byte[] old = readAll(file);
        byte[] text = change.apply(new String(old, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
        if (!Arrays.equals(old, text)) {
            byte[] padded = Arrays.copyOf(text, Math.max(old.length, text.length));
            Arrays.fill(padded, text.length, padded.length, (byte) '\n');
            file.write(ByteBuffer.wrap(padded), 0);
            file.truncate(text.length);
        }
    }

    private static byte[] readAll(FileChannel file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(LONGEST);
        while (buffer.hasRemaining() && file.read(buffer) >= 0) {
            // Until its end.
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static String withOwn(String text, Collection<String> gone, Map<String, List<String>> added) {
        List<String> lines = new ArrayList<>(text.lines()
                .filter(line -> !gone.contains(line.strip().split("\\s+", 2)[0]))
                .toList());
        int block = lines.indexOf(BEGIN);
        List<String> own = new ArrayList<>();
        added.forEach((address, names) -> own.add(address + "\t" + String.join(" ", names)));
        lines.addAll(block < 0 ? lines.size() : block, own);
        return joined(lines);
    }

    /** The text with another block; names that are defined outside the block stay what they are there. */
    static String withOthers(String text, List<String> others) {
        List<String> lines = new ArrayList<>();
        Set<String> defined = new HashSet<>();
        boolean isInside = false;
        for (String line : text.lines().toList()) {
            isInside |= line.equals(BEGIN);
            if (!isInside) {
                lines.add(line);
                defined.addAll(names(line));
            }
            isInside &= !line.equals(END);
        }
        List<String> block = others.stream()
                .map(line -> without(defined, line))
                .filter(line -> !names(line).isEmpty())
                .toList();
        if (!block.isEmpty()) {
            lines.add(BEGIN);
            lines.addAll(block);
            lines.add(END);
        }
        return joined(lines);
    }

    private static String joined(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    private static String without(Set<String> defined, String line) {
        List<String> rest =
                names(line).stream().filter(name -> !defined.contains(name)).toList();
        return line.substring(0, line.indexOf('\t')) + "\t" + String.join(" ", rest);
    }

    private static List<String> names(String line) {
        int comment = line.indexOf('#');
        List<String> words = List.of(
                (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1));
        return words.subList(1, words.size());
    }
}
