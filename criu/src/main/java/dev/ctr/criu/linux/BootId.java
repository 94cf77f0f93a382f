package dev.ctr.criu.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells this boot of the host from every other (random(4), {@code boot_id}). */
public final class BootId {
    private BootId() {}

    /** The first 8 characters, for names. */
    public static String abbreviated() {
        return current().substring(0, 8);
    }

    /** 36 characters of hexadecimal digits and dashes. */
    public static String current() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
