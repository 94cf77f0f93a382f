package dev.ctr.criu.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file in memory that has no name in any directory and is gone with its last descriptor, so that nothing is left of it however the
 * processes that have it end (memfd_create(2)). A program may write to it for as long as it likes, whether or not anybody reads.
 */
public final class MemoryFile extends Descriptor {
    private MemoryFile(int number) {
        super(number);
    }

    /** Makes an empty one. */
    public static MemoryFile create() throws LinuxException {
        byte[] name = PathBytes.terminated(Path.of("ctr"));
        try (Memory memory = new Memory(name.length)) {
            memory.write(0, name, 0, name.length);
            long fd = LibC.syscall(LibC.SYS_MEMFD_CREATE, Pointer.nativeValue(memory), LibC.MFD_CLOEXEC, 0, 0);
            if (fd == -1) {
                throw LibC.failure("make a file in memory");
            }
            return new MemoryFile((int) fd);
        }
    }

    /** Where this process, and no other, can open it until it is closed. */
    public Path path() {
        return Path.of("/proc/self/fd/" + number());
    }

    /** All that was written to it. */
    public String text() throws IOException {
        return new String(Files.readAllBytes(path()), StandardCharsets.UTF_8);
    }
}
