package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** The kinds of records that bring a copy of a tree up to date, as docs/agent-protocol.md describes them. */
final class TreeRecord {
    static final int END = 0;
    static final int DELETE = 1;
    static final int TAR = 2;
    static final int PATCH = 3;
    static final int HIDDEN = 4;

    private TreeRecord() {}

    static void writePath(DataOutputStream out, String path) throws IOException {
        byte[] bytes = FileNames.encode(path);
        if (bytes.length > 0xffff) {
            throw new IOException("the path of a file is longer than any kernel knows it: " + path);
        }
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    /** Reads a path; whoever uses it checks where it leads. */
    static String readPath(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return FileNames.decode(bytes);
    }

    static ArchiveException bad(String source, String why) {
        return new ArchiveException(Code.CORRUPT, "%s are not what the protocol says: %s".formatted(source, why));
    }
}
