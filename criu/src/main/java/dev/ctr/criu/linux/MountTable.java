package dev.ctr.criu.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads {@code mountinfo}. Fields are split in ISO 8859-1, so that every byte of a path survives. */
final class MountTable {
    private MountTable() {}

    static List<Mount> read(Path mountinfo) throws IOException {
        String text = new String(Files.readAllBytes(mountinfo), StandardCharsets.ISO_8859_1);
        List<Mount> mounts = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isEmpty()) {
                mounts.add(parse(line));
            }
        }
        return mounts;
    }

    private static Mount parse(String line) throws IOException {
        String[] fields = line.split(" ", -1);
        int separator = Arrays.asList(fields).indexOf("-");
        if (separator < 6 || fields.length < separator + 4) {
            throw new IOException("The mount table has a line that is not understood: " + line);
        }
        return new Mount(
                Integer.parseInt(fields[0]),
                Integer.parseInt(fields[1]),
                fields[2],
                text(fields[3]),
                PathBytes.path(decode(fields[4])),
                options(fields[5]),
                Arrays.asList(fields).subList(6, separator),
                text(fields[separator + 1]),
                text(fields[separator + 2]),
                options(fields[separator + 3]));
    }

    private static List<String> options(String field) {
        return Arrays.stream(field.split(",", -1)).map(MountTable::text).toList();
    }

    private static String text(String field) {
        return new String(decode(field), StandardCharsets.UTF_8);
    }

    /** Undoes the kernel's escapes: a backslash and three octal digits. */
    private static byte[] decode(String field) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && i + 3 < field.length()) {
                bytes.write(Integer.parseInt(field, i + 1, i + 4, 8));
                i += 3;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }
}
