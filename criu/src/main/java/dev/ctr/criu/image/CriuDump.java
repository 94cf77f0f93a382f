package dev.ctr.criu.image;

import dev.ctr.criu.image.DumpedProcess.State;
import dev.ctr.proto.criu.CoreEntry;
import dev.ctr.proto.criu.Credentials;
import dev.ctr.proto.criu.FdinfoEntry;
import dev.ctr.proto.criu.FsEntry;
import dev.ctr.proto.criu.InventoryEntry;
import dev.ctr.proto.criu.PstreeEntry;
import dev.ctr.proto.criu.SeccompEntry;
import dev.ctr.proto.criu.SeccompFilter;
import dev.ctr.proto.criu.TaskKernelObjects;
import dev.ctr.proto.criu.ThreadCore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dump that CRIU has written: a directory of CRIU images, and those of the dumps before it that it builds on. Reads what is
 * asked for when it is asked for; trusts nothing. An instance may be used by several threads.
 */
public final class CriuDump {
    /** SECCOMP_MODE_FILTER and SECCOMP_FILTER_FLAG_TSYNC (linux/seccomp.h). */
    private static final int SECCOMP_FILTERED = 2;

    private static final int SECCOMP_ALL_THREADS = 1;
    private static final String INVENTORY = "inventory.img";
    private static final String PARENT = "parent";
    private static final int PRESENT_VERSION = 2;
    private static final int MOST_LEVELS = 1000;
    private static final Map<String, ToIntFunction<TaskKernelObjects>> NAMESPACES = Map.of(
            "pid", TaskKernelObjects::getPidNsId,
            "network", TaskKernelObjects::getNetNsId,
            "ipc", TaskKernelObjects::getIpcNsId,
            "uts", TaskKernelObjects::getUtsNsId,
            "mount", TaskKernelObjects::getMntNsId);

    private final List<DumpImages> levels;
    private final boolean parentMissing;
    private final TaskKernelObjects host;
    private final FileTable files;

    private CriuDump(List<DumpImages> levels, boolean parentMissing, TaskKernelObjects host, FileTable files) {
        this.levels = levels;
        this.parentMissing = parentMissing;
        this.host = host;
        this.files = files;
    }

    /**
     * Opens a dump. Its link {@code parent}, and theirs, are followed to directories beside it and nowhere else.
     *
     * @throws CriuImageException if there is none, or it is of a form that cannot be read here
     */
    public static CriuDump open(Path directory) throws IOException {
        DumpImages images = new DumpImages(directory);
        InventoryEntry inventory = images.only(INVENTORY, ImageType.INVENTORY, InventoryEntry.parser())
                .orElseThrow(() -> new CriuImageException("the checkpoint is not complete: it has no " + INVENTORY));
        UnknownFields.refuse(inventory, INVENTORY);
        if (inventory.getImgVersion() != PRESENT_VERSION) {
            throw new CriuImageException("%s has version %s, which cannot be read: only version %d can"
                    .formatted(INVENTORY, Integer.toUnsignedString(inventory.getImgVersion()), PRESENT_VERSION));
        }
        List<DumpImages> levels = new ArrayList<>();
        boolean missing = addLevels(images, levels);
        return new CriuDump(List.copyOf(levels), missing, inventory.getRootIds(), FileTable.read(images));
    }

    /** Whether one of the links leads to nothing. */
    private static boolean addLevels(DumpImages first, List<DumpImages> levels) throws IOException {
        DumpImages images = first;
        while (true) {
            if (levels.contains(images) || levels.size() == MOST_LEVELS) {
                throw new CriuImageException("the chain of checkpoints does not end: a directory is its own parent");
            }
            levels.add(images);
            Path link = images.directory().resolve(PARENT);
            if (!Files.isSymbolicLink(link)) {
                return false;
            }
            Path sibling = sibling(images.directory(), Files.readSymbolicLink(link));
            if (!Files.isDirectory(sibling, LinkOption.NOFOLLOW_LINKS)) {
                return true;
            }
            images = new DumpImages(sibling);
        }
    }

    private static Path sibling(Path directory, Path link) throws CriuImageException {
        Path name = link.getFileName();
        if (name == null
                || !link.equals(Path.of("..").resolve(name))
                || name.toString().startsWith(".")) {
            throw new CriuImageException(
                    "the checkpoint's link to its parent leads to " + link + ", which is no directory beside it");
        }
        return directory.resolveSibling(name);
    }

    /** The directories of the dump and those before it, latest first. */
    public List<Path> levels() {
        return levels.stream().map(DumpImages::directory).toList();
    }

    /** Whether it builds on a dump that is not here. */
    public boolean isParentMissing() {
        return parentMissing;
    }

    /**
     * The processes.
     *
     * @throws CriuImageException if their images are damaged
     */
    public ProcessTree processes() throws IOException {
        List<DumpedProcess> processes = new ArrayList<>();
        for (PstreeEntry entry : images().all("pstree.img", ImageType.PSTREE, PstreeEntry.parser())) {
            processes.add(process(entry));
        }
        return ProcessTree.of(processes);
    }

    private DumpedProcess process(PstreeEntry entry) throws IOException {
        int pid = entry.getPid();
        CoreEntry core = images().only("core-" + pid + ".img", ImageType.CORE, CoreEntry.parser())
                .orElse(CoreEntry.getDefaultInstance());
        TaskKernelObjects ids = kernelObjects(pid, core);
        Credentials creds = core.getThreadCore().getCreds();
        return new DumpedProcess(
                pid,
                entry.getPpid(),
                entry.getPgid(),
                entry.getSid(),
                entry.getThreadsList(),
                core.getTc().getComm(),
                State.of(core.getTc().getTaskState()),
                core.getTc().getExitCode(),
                Integer.toUnsignedLong(creds.getUid()),
                Integer.toUnsignedLong(creds.getGid()),
                ids.getFilesId());
    }

    private TaskKernelObjects kernelObjects(int pid, CoreEntry core) throws IOException {
        return images().only("ids-" + pid + ".img", ImageType.IDS, TaskKernelObjects.parser())
                .orElse(core.getIds());
    }

    /**
     * What each thread of a process may do.
     *
     * @throws CriuImageException if the image of a thread is missing or damaged
     */
    public List<ThreadPrivileges> privileges(DumpedProcess process) throws IOException {
        List<ThreadPrivileges> threads = new ArrayList<>();
        boolean filteredAtOnce = isFilteredAtOnce(core(process.pid()).getThreadCore());
        for (int thread : process.threads()) {
            ThreadCore core = core(thread).getThreadCore();
            Credentials creds = core.getCreds();
            long capabilities = Stream.of(
                            creds.getCapInhList(),
                            creds.getCapPrmList(),
                            creds.getCapEffList(),
                            creds.getCapBndList(),
                            creds.getCapAmbList())
                    .mapToLong(CriuDump::bits)
                    .reduce(0, (some, more) -> some | more);
            threads.add(new ThreadPrivileges(
                    thread,
                    capabilities,
                    core.getSeccompMode() != 0 || filteredAtOnce,
                    creds.getNoNewPrivs() != 0,
                    creds.getLsmProfile()));
        }
        return threads;
    }

    /** Whether the first thread's filter is installed for all threads, the others of which CRIU then saves as without one. */
    private boolean isFilteredAtOnce(ThreadCore first) throws IOException {
        if (first.getSeccompMode() != SECCOMP_FILTERED) {
            return false;
        }
        List<SeccompFilter> filters = images().only("seccomp.img", ImageType.SECCOMP, SeccompEntry.parser())
                .orElse(SeccompEntry.getDefaultInstance())
                .getSeccompFiltersList();
        int last = first.getSeccompFilter();
        return last >= 0 && last < filters.size() && (filters.get(last).getFlags() & SECCOMP_ALL_THREADS) != 0;
    }

    private CoreEntry core(int thread) throws IOException {
        String image = "core-" + thread + ".img";
        return images().only(image, ImageType.CORE, CoreEntry.parser())
                .orElseThrow(() -> new CriuImageException("the checkpoint is not complete: it has no " + image));
    }

    private static long bits(List<Integer> words) {
        long bits = 0;
        for (int word = 0; word < words.size(); word++) {
            bits |= Integer.toUnsignedLong(words.get(word)) << (Integer.SIZE * word);
        }
        return bits;
    }

    /**
     * The kinds of namespaces that a process shared with CRIU, and so with the host: CRIU makes no others for it. They are named
     * as in the OCI specification; user, cgroup and time namespaces are not told.
     */
    public Set<String> hostNamespaces(DumpedProcess process) throws IOException {
        TaskKernelObjects ids = kernelObjects(process.pid(), core(process.pid()));
        Set<String> kinds = new TreeSet<>();
        NAMESPACES.forEach((kind, id) -> {
            if (id.applyAsInt(ids) == id.applyAsInt(host)) {
                kinds.add(kind);
            }
        });
        return kinds;
    }

    /** The names of device nodes that are open, mapped, or otherwise referred to; as far as CRIU told (from 3.17 on). */
    public Set<String> deviceFiles() {
        return files.devices();
    }

    /** The descriptors of a process, by their numbers. */
    public List<OpenDescriptor> descriptors(DumpedProcess process) throws IOException {
        List<OpenDescriptor> descriptors = new ArrayList<>();
        String image = "fdinfo-" + Integer.toUnsignedString(process.filesId()) + ".img";
        for (FdinfoEntry entry : images().all(image, ImageType.FDINFO, FdinfoEntry.parser())) {
            descriptors.add(
                    new OpenDescriptor(entry.getFd(), FileTable.type(entry.getType()), files.file(entry.getId())));
        }
        descriptors.sort((one, other) -> Integer.compareUnsigned(one.number(), other.number()));
        return descriptors;
    }

    /** The working directory of a process, none if it has ended. */
    public Optional<String> workingDirectory(DumpedProcess process) throws IOException {
        Optional<FsEntry> entry = fs(process);
        return entry.isEmpty()
                ? Optional.empty()
                : Optional.of(files.path(entry.get().getCwdId()));
    }

    /** The root directory of a process, none if it has ended. */
    public Optional<String> rootDirectory(DumpedProcess process) throws IOException {
        Optional<FsEntry> entry = fs(process);
        return entry.isEmpty()
                ? Optional.empty()
                : Optional.of(files.path(entry.get().getRootId()));
    }

    private Optional<FsEntry> fs(DumpedProcess process) throws IOException {
        return images().only("fs-" + process.pid() + ".img", ImageType.FS, FsEntry.parser());
    }

    /** What a process has mapped, none if it has ended. */
    public Optional<AddressSpace> addressSpace(DumpedProcess process) throws IOException {
        return new AddressSpaceReader(images(), files).read(process.pid());
    }

    /** The pages of a process's own memory. */
    public PageWalk pages(DumpedProcess process) throws IOException {
        return walk("pagemap-" + process.pid() + ".img");
    }

    /** The pages of a shared segment, whose addresses count from its beginning. */
    public PageWalk segmentPages(long segment) throws IOException {
        return walk("pagemap-shmem-" + Long.toUnsignedString(segment) + ".img");
    }

    private PageWalk walk(String name) throws IOException {
        @Nullable PageWalk walk = null;
        try {
            for (int level = levels.size() - 1; level >= 0; level--) {
                DumpImages images = levels.get(level);
                @Nullable
                PagemapReader pagemap =
                        images.has(name) ? PagemapReader.of(images.open(name, ImageType.PAGEMAP)) : null;
                walk = new PageWalk(level, pagemap, walk);
            }
            return walk == null ? new PageWalk(0, null, null) : walk;
        } catch (IOException | RuntimeException e) {
            if (walk != null) {
                walk.close();
            }
            throw e;
        }
    }

    /** The mounts of all namespaces, outer ones first. */
    public List<DumpedMount> mounts() throws IOException {
        return new NamespaceImages(images()).mounts();
    }

    /** The host name, none if it is the host's. */
    public Optional<String> hostname() throws IOException {
        return new NamespaceImages(images()).hostname();
    }

    private DumpImages images() {
        return levels.get(0);
    }
}
