package dev.ctr.lifecycle.image;

import dev.ctr.archive.ArchiveException;
import dev.ctr.lifecycle.EngineException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The entries of a tar, one after the other; reading gives the content of the present one. Whatever is wrong with the tar is
 * an {@link EngineException} with {@code BAD_ARCHIVE}.
 */
final class TarFiles extends FilterInputStream {
    private final TarArchiveInputStream tar;
    private final String what;

    /** @param what names the tar in errors */
    TarFiles(InputStream in, String what) {
        this(new TarArchiveInputStream(in), what);
    }

    private TarFiles(TarArchiveInputStream tar, String what) {
        super(tar);
        this.tar = tar;
        this.what = what;
    }

    Optional<TarArchiveEntry> next() throws IOException {
        try {
            return Optional.ofNullable(tar.getNextEntry());
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return super.read(buffer, offset, length);
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    private EngineException damaged(IOException e) {
        return new EngineException(
                EngineException.Code.BAD_ARCHIVE, what + " is damaged or no tar archive: " + e.getMessage(), e);
    }
}
