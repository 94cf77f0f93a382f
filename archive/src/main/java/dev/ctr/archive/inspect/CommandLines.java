package dev.ctr.archive.inspect;

import dev.ctr.archive.inspect.WantedPages.Place;
import dev.ctr.criu.image.AddressSpace;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageWalk;
import dev.ctr.criu.image.StoredRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the command lines and environments of processes in their memory. */
final class CommandLines {
    /** More than the kernel shows in most configurations; what is longer is cut. */
    private static final long LONGEST = 1 << 20;

    private static final long PAGE_MASK = -PageRun.PAGE_SIZE;

    private final CheckpointContent checkpoint;
    private final WantedPages wanted;
    private final Map<Integer, Strings> found = new HashMap<>();

    /** Where the strings of a process are: its pages by address, and which bytes of them. */
    private record Strings(Map<Long, Place> pages, AddressSpace space) {}

    CommandLines(CheckpointContent checkpoint, WantedPages wanted) {
        this.checkpoint = checkpoint;
        this.wanted = wanted;
    }

    /** Asks for the pages with the command line of a process, and its environment if that is wanted too. */
    void want(DumpedProcess process, boolean environment) throws IOException {
        Optional<AddressSpace> found = checkpoint.dump().addressSpace(process);
        if (found.isEmpty()) {
            return;
        }
        AddressSpace space = found.get();
        Map<Long, Place> pages = new HashMap<>();
        try (PageWalk walk = checkpoint.dump().pages(process)) {
            for (Optional<StoredRun> next = walk.next(); next.isPresent(); next = walk.next()) {
                StoredRun run = next.get();
                if (run.place() == StoredRun.Place.STORED) {
                    add(run, space.argumentsStart(), end(space.argumentsStart(), space.argumentsEnd()), pages);
                    if (environment) {
                        add(
                                run,
                                space.environmentStart(),
                                end(space.environmentStart(), space.environmentEnd()),
                                pages);
                    }
                }
            }
        }
        pages.values().forEach(wanted::want);
        this.found.put(process.pid(), new Strings(pages, space));
    }

    private static long end(long start, long end) {
        return start < 0 || end <= start ? start : Math.min(end, start + LONGEST);
    }

    private void add(StoredRun run, long start, long end, Map<Long, Place> pages) {
        long from = Math.max(run.address(), start & PAGE_MASK);
        for (long page = from; page < Math.min(run.end(), end); page += PageRun.PAGE_SIZE) {
            pages.put(
                    page,
                    new Place(checkpoint.pagesEntry(run), run.slice(page, page).firstPage()));
        }
    }

    /** The command line; empty if it is not in the checkpoint. */
    List<String> arguments(DumpedProcess process) {
        Strings strings = found.get(process.pid());
        return strings == null
                ? List.of()
                : split(
                        strings,
                        strings.space().argumentsStart(),
                        strings.space().argumentsEnd());
    }

    /** The environment; empty if it is not in the checkpoint, or was not asked for. */
    List<String> environment(DumpedProcess process) {
        Strings strings = found.get(process.pid());
        return strings == null
                ? List.of()
                : split(
                        strings,
                        strings.space().environmentStart(),
                        strings.space().environmentEnd());
    }

    /** The strings up to the first page that is not there. */
    private List<String> split(Strings strings, long start, long wantedEnd) {
        long end = end(start, wantedEnd);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (long address = start; address < end; ) {
            long page = address & PAGE_MASK;
            Place place = strings.pages().get(page);
            Optional<byte[]> content = place == null ? Optional.empty() : wanted.page(place);
            if (content.isEmpty()) {
                break;
            }
            long stop = Math.min(end, page + PageRun.PAGE_SIZE);
            bytes.write(content.get(), (int) (address - page), (int) (stop - address));
            address = stop;
        }
        return split(bytes.toByteArray());
    }

    private static List<String> split(byte[] bytes) {
        List<String> strings = new ArrayList<>();
        int begin = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == 0) {
                strings.add(new String(bytes, begin, at - begin, StandardCharsets.UTF_8));
                begin = at + 1;
            }
        }
        if (begin < bytes.length) {
            strings.add(new String(bytes, begin, bytes.length - begin, StandardCharsets.UTF_8));
        }
        return strings;
    }
}
