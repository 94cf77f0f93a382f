package dev.ctr.criu.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Starts a program with descriptors of the caller's choice, which {@link ProcessBuilder} cannot pass on. The child has
 * exactly these descriptors, exactly the given environment, no blocked signals and no ignored ones. Without further
 * words its standard streams are {@code /dev/null}, and it stays in this process's group, session and directory.
 *
 * <p>A launch is built and started by one thread; it may be started more than once.
 */
public final class ProcessLaunch {
    private static final short SPAWN_SETPGROUP = 0x02;
    private static final short SPAWN_SETSIGDEF = 0x04;
    private static final short SPAWN_SETSIGMASK = 0x08;
    private static final short SPAWN_SETSID = 0x80;

    private final List<String> command;
    private final Map<String, String> environment;
    private final Stdio[] stdio = {Stdio.discard(), Stdio.discard(), Stdio.discard()};
    private final SortedMap<Integer, Descriptor> passed = new TreeMap<>();
    private Path directory = Path.of("");
    private short grouping;

    /**
     * @param command the program and its arguments; a program without a slash is looked for in the {@code PATH} of {@code
     *     environment}
     * @param environment the child's whole environment
     */
    public ProcessLaunch(List<String> command, Map<String, String> environment) {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("A command needs a program");
        }
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
    }

    /** Starts the child in this directory. */
    public ProcessLaunch directory(Path workingDirectory) {
        directory = workingDirectory;
        return this;
    }

    public ProcessLaunch stdin(Stdio source) {
        stdio[0] = source;
        return this;
    }

    public ProcessLaunch stdout(Stdio sink) {
        stdio[1] = sink;
        return this;
    }

    public ProcessLaunch stderr(Stdio sink) {
        stdio[2] = sink;
        return this;
    }

    /**
     * Gives the child a copy of {@code descriptor} under the number {@code childNumber}, 3 or above. The caller still owns,
     * and closes, its own.
     */
    public ProcessLaunch passDescriptor(int childNumber, Descriptor descriptor) {
        if (childNumber < 3) {
            throw new IllegalArgumentException(
                    "Descriptor " + childNumber + " is a standard stream: use stdin, stdout, stderr");
        }
        passed.put(childNumber, descriptor);
        return this;
    }

    /** Makes the child the leader of a new process group, so that a terminal's signals do not reach it. */
    public ProcessLaunch newProcessGroup() {
        grouping = SPAWN_SETPGROUP;
        return this;
    }

    /** Makes the child the leader of a new session, without a controlling terminal. */
    public ProcessLaunch newSession() {
        grouping = SPAWN_SETSID;
        return this;
    }

    /**
     * Starts the program. When this returns, it has replaced the child's copy of this process.
     *
     * @throws LinuxException if the program or the directory cannot be found or used; then there is no child
     */
    public ChildProcess start() throws IOException {
        Path program = program();
        SortedMap<Integer, Integer> sources = new TreeMap<>();
        List<Descriptor> copies = new ArrayList<>();
        try (SpawnArguments arguments = new SpawnArguments()) {
            SortedMap<Integer, Descriptor> wanted = new TreeMap<>(passed);
            for (int i = 0; i < stdio.length; i++) {
                if (!stdio[i].inherited()) {
                    Descriptor opened = stdio[i].open(i == 0);
                    if (stdio[i].ownsWhatItOpens()) {
                        copies.add(opened);
                    }
                    wanted.put(i, opened);
                }
            }
            int next = Math.max(3, wanted.isEmpty() ? 0 : wanted.lastKey() + 1);
            for (Map.Entry<Integer, Descriptor> entry : wanted.entrySet()) {
                Descriptor copy = copyAbove(entry.getValue(), next);
                copies.add(copy);
                sources.put(entry.getKey(), copy.number());
            }
            return spawn(program, arguments, sources, next);
        } finally {
            for (Descriptor copy : copies) {
                copy.close();
            }
        }
    }

    /** A copy whose number is no number that the child is to have, so that no dup2 overwrites the source of another. */
    private static Descriptor copyAbove(Descriptor descriptor, int lowest) throws LinuxException {
        int fd = LibC.fcntl(descriptor.number(), LibC.F_DUPFD_CLOEXEC, lowest);
        if (fd == -1) {
            throw LibC.failure("copy descriptor " + descriptor.number());
        }
        return new Descriptor(fd);
    }

    private ChildProcess spawn(Path program, SpawnArguments arguments, SortedMap<Integer, Integer> sources, int next)
            throws LinuxException {
        if (!directory.toString().isEmpty()) {
            arguments.changeDirectory(directory);
        }
        for (int target = 0; target < next; target++) {
            Integer source = sources.get(target);
            if (source != null) {
                arguments.duplicate(source, target);
            } else if (target >= 3) {
                arguments.close(target);
            }
        }
        arguments.closeFrom(next);
        arguments.attributes((short) (grouping | SPAWN_SETSIGDEF | SPAWN_SETSIGMASK));
        int[] pid = new int[1];
        int error = arguments.spawn(pid, program, command, environment);
        if (error != 0) {
            String place = directory.toString().isEmpty() ? "" : " in " + directory;
            throw new LinuxException("start " + program + place, error);
        }
        return new ChildProcess(pid[0], program.toString());
    }

    private Path program() throws LinuxException {
        String name = command.get(0);
        if (name.contains("/")) {
            return Path.of(name);
        }
        String searchPath = environment.getOrDefault("PATH", "");
        return Programs.find(name, searchPath)
                .orElseThrow(() -> new LinuxException(
                        "start " + name, "there is no such program in PATH (" + searchPath + ")", Errno.ENOENT));
    }

    /** The structures that posix_spawn takes, in native memory. */
    private static final class SpawnArguments implements AutoCloseable {
        /** glibc's posix_spawn_file_actions_t has 80 bytes, posix_spawnattr_t 336, sigset_t 128. */
        private static final int STRUCTURE_SIZE = 512;

        private final Memory actions = new Memory(STRUCTURE_SIZE);
        private final Memory attributes = new Memory(STRUCTURE_SIZE);
        private final Memory signals = new Memory(STRUCTURE_SIZE);

        SpawnArguments() {
            LibC.posix_spawn_file_actions_init(actions);
            LibC.posix_spawnattr_init(attributes);
        }

        void changeDirectory(Path directory) throws LinuxException {
            check(LibC.posix_spawn_file_actions_addchdir_np(actions, PathBytes.terminated(directory)));
        }

        void duplicate(int from, int to) throws LinuxException {
            check(LibC.posix_spawn_file_actions_adddup2(actions, from, to));
        }

        void close(int fd) throws LinuxException {
            check(LibC.posix_spawn_file_actions_addclose(actions, fd));
        }

        void closeFrom(int fd) throws LinuxException {
            check(LibC.posix_spawn_file_actions_addclosefrom_np(actions, fd));
        }

        void attributes(short flags) throws LinuxException {
            check(LibC.posix_spawnattr_setflags(attributes, flags));
            check(LibC.posix_spawnattr_setpgroup(attributes, 0));
            LibC.sigemptyset(signals);
            check(LibC.posix_spawnattr_setsigmask(attributes, signals));
            LibC.sigfillset(signals);
            check(LibC.posix_spawnattr_setsigdefault(attributes, signals));
        }

        int spawn(int[] pid, Path program, List<String> command, Map<String, String> environment) {
            List<String> variables = environment.entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .sorted()
                    .toList();
            List<Memory> strings = new ArrayList<>();
            try (Memory argv = array(command, strings);
                    Memory envp = array(variables, strings)) {
                return LibC.posix_spawn(pid, PathBytes.terminated(program), actions, attributes, argv, envp);
            } finally {
                strings.forEach(Memory::close);
            }
        }

        private static Memory array(List<String> values, List<Memory> strings) {
            Memory array = new Memory((values.size() + 1L) * Native.POINTER_SIZE);
            for (int i = 0; i < values.size(); i++) {
                byte[] bytes = PathBytes.terminated(values.get(i));
                Memory string = new Memory(bytes.length);
                string.write(0, bytes, 0, bytes.length);
                strings.add(string);
                array.setPointer((long) i * Native.POINTER_SIZE, string);
            }
            array.setPointer((long) values.size() * Native.POINTER_SIZE, Pointer.NULL);
            return array;
        }

        private static void check(int error) throws LinuxException {
            if (error != 0) {
                throw new LinuxException("prepare a child process", error);
            }
        }

        @Override
        public void close() {
            LibC.posix_spawn_file_actions_destroy(actions);
            LibC.posix_spawnattr_destroy(attributes);
            actions.close();
            attributes.close();
            signals.close();
        }
    }
}
