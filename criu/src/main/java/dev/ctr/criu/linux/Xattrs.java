package dev.ctr.criu.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Extended attributes of any namespace, of the file itself and never of what a link leads to. Names are full names. */
public final class Xattrs {
    private static final int FIRST_SIZE = 1024;

    private Xattrs() {}

    /** The names of all attributes; empty when the file system has none. */
    public static List<String> list(Path path) throws LinuxException {
        byte[] file = PathBytes.terminated(path);
        byte[] names = new byte[FIRST_SIZE];
        long size = LibC.llistxattr(file, names, names.length);
        while (size == -1 && LibC.errno() == Errno.ERANGE) {
            names = new byte[names.length * 2];
            size = LibC.llistxattr(file, names, names.length);
        }
        if (size == -1) {
            if (LibC.errno() == Errno.EOPNOTSUPP) {
                return List.of();
            }
            throw LibC.failure("list the extended attributes of " + path);
        }
        return split(Arrays.copyOf(names, (int) size));
    }

    /** An attribute's value; empty when the file has no such attribute, or the file system none at all. */
    public static Optional<byte[]> get(Path path, String name) throws LinuxException {
        byte[] file = PathBytes.terminated(path);
        byte[] nativeName = PathBytes.terminated(name);
        byte[] value = new byte[FIRST_SIZE];
        long size = LibC.lgetxattr(file, nativeName, value, value.length);
        while (size == -1 && LibC.errno() == Errno.ERANGE) {
            value = new byte[value.length * 2];
            size = LibC.lgetxattr(file, nativeName, value, value.length);
        }
        if (size == -1) {
            if (LibC.errno() == Errno.ENODATA || LibC.errno() == Errno.EOPNOTSUPP) {
                return Optional.empty();
            }
            throw LibC.failure("read the extended attribute " + name + " of " + path);
        }
        return Optional.of(Arrays.copyOf(value, (int) size));
    }

    /** Sets an attribute, new or not. */
    public static void set(Path path, String name, byte[] value) throws LinuxException {
        if (LibC.lsetxattr(PathBytes.terminated(path), PathBytes.terminated(name), value, value.length, 0) == -1) {
            throw LibC.failure("set the extended attribute " + name + " of " + path);
        }
    }

    /** Removes an attribute; one that is not there is no error. */
    public static void remove(Path path, String name) throws LinuxException {
        if (LibC.lremovexattr(PathBytes.terminated(path), PathBytes.terminated(name)) == -1
                && LibC.errno() != Errno.ENODATA) {
            throw LibC.failure("remove the extended attribute " + name + " of " + path);
        }
    }

    private static List<String> split(byte[] names) {
        List<String> list = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < names.length; i++) {
            if (names[i] == 0) {
                list.add(new String(names, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        return list;
    }
}
