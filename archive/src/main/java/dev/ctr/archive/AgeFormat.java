package dev.ctr.archive;

import com.exceptionfactory.jagged.framework.armor.ArmoredDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import dev.ctr.archive.ArchiveException.Code;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Encryption in the format of age (age-encryption.org/v1): in chunks of 64 KiB, each of which is authenticated. */
final class AgeFormat {
    private static final byte[] MAGIC = "age-encryption.org/v1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----".getBytes(StandardCharsets.US_ASCII);
    private static final int BUFFER = 1 << 17;

    private AgeFormat() {}

    /** A stream whose input arrives encrypted in {@code out}; closing it closes {@code out}. */
    static OutputStream encrypt(OutputStream out, Recipients recipients) throws IOException {
        try {
            return Channels.newOutputStream(new StandardEncryptingChannelFactory()
                    .newEncryptingChannel(Channels.newChannel(out), recipients.writers()));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot encrypt the archive: " + e.getMessage(), e);
        }
    }

    /**
     * What {@code in} holds, decrypted if it is encrypted.
     *
     * @param source what is read, as an error names it
     * @throws ArchiveException if it is encrypted and no identity opens it
     */
    static InputStream decryptIfEncrypted(InputStream in, String source, Identities identities) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
        buffered.mark(ARMOR.length);
        byte[] beginning = buffered.readNBytes(ARMOR.length);
        buffered.reset();
        boolean armored = Arrays.equals(beginning, ARMOR);
        if (!armored && !startsWith(beginning, MAGIC)) {
            return buffered;
        }
        if (identities.isEmpty()) {
            throw new ArchiveException(
                    Code.ENCRYPTED,
                    source + " is encrypted: give --identity FILE with the secret key of one of its recipients");
        }
        Source encrypted = new Source(buffered);
        ReadableByteChannel channel = Channels.newChannel(encrypted);
        try {
            ReadableByteChannel decrypted = armored
                    ? new ArmoredDecryptingChannelFactory().newDecryptingChannel(channel, identities.readers())
                    : new StandardDecryptingChannelFactory().newDecryptingChannel(channel, identities.readers());
            return new Decrypted(decrypted, encrypted, source);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            if (encrypted.failure != null) {
                throw encrypted.failure;
            }
            throw new ArchiveException(
                    Code.ENCRYPTED,
                    source
                            + " cannot be decrypted: none of the identities is one of its recipients', or its header is damaged",
                    e);
        }
    }

    private static boolean startsWith(byte[] beginning, byte[] magic) {
        return beginning.length >= magic.length && Arrays.equals(beginning, 0, magic.length, magic, 0, magic.length);
    }

    /** The decrypted content. Damage is an {@link ArchiveException}; what the source throws stays what it is. */
    private static final class Decrypted extends InputStream {
        private final ReadableByteChannel channel;
        private final Source encrypted;
        private final String source;

        Decrypted(ReadableByteChannel channel, Source encrypted, String source) {
            this.channel = channel;
            this.encrypted = encrypted;
            this.source = source;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            try {
                ByteBuffer into = ByteBuffer.wrap(buffer, offset, length);
                int read;
                do {
                    read = channel.read(into);
                } while (read == 0);
                return read;
            } catch (IOException | RuntimeException e) {
                if (encrypted.failure != null) {
                    throw encrypted.failure;
                }
                throw new ArchiveException(
                        Code.CORRUPT,
                        source + " is damaged or was not copied completely, it cannot be decrypted: copy it again",
                        e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** The encrypted bytes, which remembers whether it was reading them that failed. */
    private static final class Source extends FilterInputStream {
        private @Nullable IOException failure;

        Source(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
