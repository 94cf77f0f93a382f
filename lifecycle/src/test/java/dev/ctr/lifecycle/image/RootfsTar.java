package dev.ctr.lifecycle.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Builds tar archives for tests, entry by entry. */
final class RootfsTar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    RootfsTar() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    RootfsTar directory(String name, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(name + "/");
        entry.setMode(mode);
        return add(entry, new byte[0]);
    }

    RootfsTar file(String name, String content) {
        return file(name, 0644, content.getBytes(StandardCharsets.UTF_8));
    }

    RootfsTar file(String name, int mode, byte[] content) {
        return file(name, mode, content, Map.of());
    }

    RootfsTar file(String name, int mode, byte[] content, Map<String, String> extendedAttributes) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setSize(content.length);
        extendedAttributes.forEach((key, value) -> entry.addPaxHeader("SCHILY.xattr." + key, value));
        return add(entry, content);
    }

    RootfsTar link(String name, byte type, String target) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type);
        entry.setLinkName(target);
        return add(entry, new byte[0]);
    }

    RootfsTar characterDevice(String name, int major, int minor) {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarArchiveEntry.LF_CHR);
        entry.setMode(0666);
        entry.setDevMajor(major);
        entry.setDevMinor(minor);
        return add(entry, new byte[0]);
    }

    byte[] finish() {
        try {
            tar.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RootfsTar add(TarArchiveEntry entry, byte[] content) {
        entry.setModTime(FileTime.from(Instant.parse("2024-05-06T07:08:09Z")));
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
