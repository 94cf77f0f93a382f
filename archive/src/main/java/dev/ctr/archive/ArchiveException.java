package dev.ctr.archive;

import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An archive that cannot be read, or must not be unpacked. The message is one sentence for the person who gave the
 * archive: which archive or entry, what is wrong with it, and what to do. A failing disk is no such case: it stays an
 * ordinary {@link IOException}.
 */
public final class ArchiveException extends IOException {
    private static final long serialVersionUID = 1;
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]");

    /** What is wrong with the archive. The names are stable. */
    public enum Code {
        /** The archive ends before its end. */
        TRUNCATED,
        /** Bytes of the archive are not what was written. */
        CORRUPT,
        /** An entry would act outside its directory, or is of a kind that may not be there. */
        UNSAFE_ENTRY,
        /** These bytes are no tar archive. */
        NOT_AN_ARCHIVE,
        /** The archive lacks an entry that is needed. */
        MISSING_ENTRY,
        /** The archive is larger than the limits that were set for it. */
        LIMIT,
        /** The archive is encrypted, and there is no identity that opens it. */
        ENCRYPTED,
        /** The archive uses a compression or a kind of entry that cannot be read here. */
        UNSUPPORTED
    }

    private final Code code;

    ArchiveException(Code code, String message) {
        super(printable(message));
        this.code = code;
    }

    ArchiveException(Code code, String message, @Nullable Throwable cause) {
        super(printable(message), cause);
        this.code = code;
    }

    /** On one line, and without what would steer a terminal: an archive's names may have anything. */
    static String printable(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }

    /** What is wrong with the archive. */
    public Code code() {
        return code;
    }
}
