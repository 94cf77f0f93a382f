package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.linux.NamedPipe;
import dev.ctr.criu.linux.UnixSocket;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to conmon's attach socket: packets whose first byte names the stream (2 output, 3 errors) come in, raw
 * bytes for standard input go out.
 *
 * <p>Input is carried by a daemon thread of its own, which the attachment starts; output by the caller's thread. {@link
 * #close} and {@link #resize} may be called from any thread.
 */
public final class Attachment implements Closeable {
    /** What conmon reads at once (CONN_SOCK_BUF_SIZE); the rest of a longer packet would be lost. */
    private static final int LARGEST_INPUT = 32 * 1024;
    /** What conmon sends at once (STDIO_BUF_SIZE), and the byte in front. */
    private static final int LARGEST_OUTPUT = 8 * 1024 + 1;

    private static final byte STDOUT = 2;
    private static final byte STDERR = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Attachment.class);

    private final UnixSocket socket;
    private final Path bundle;
    private volatile boolean detached;

    private Attachment(UnixSocket socket, Path bundle) {
        this.socket = socket;
        this.bundle = bundle;
    }

    /** Connects to the attach socket in a conmon's bundle. */
    public static Attachment connect(Path bundle) throws IOException {
        return new Attachment(UnixSocket.connectSequenced(bundle.resolve("attach")), bundle);
    }

    /**
     * Carries standard input until it ends, which the process then sees as an end of file, or until the detach keys come,
     * which ends the attachment.
     */
    public void carryInput(InputStream input, byte[] detachKeys) {
        Thread thread = new Thread(() -> sendAll(input, new DetachFilter(detachKeys)), "attach-input");
        thread.setDaemon(true);
        thread.start();
    }

    private void sendAll(InputStream input, DetachFilter filter) {
        byte[] buffer = new byte[LARGEST_INPUT / 2];
        ByteBuffer packet = ByteBuffer.allocateDirect(LARGEST_INPUT);
        try {
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                boolean detach = filter.copy(buffer, read, packet);
                send(packet);
                if (detach) {
                    detached = true;
                    socket.shutdown();
                    return;
                }
            }
            filter.flush(packet);
            send(packet);
            socket.shutdownWrite();
        } catch (IOException processEnded) {
            LOG.debug("no more input is carried", processEnded);
        }
    }

    private void send(ByteBuffer packet) throws IOException {
        packet.flip();
        while (packet.hasRemaining()) {
            socket.write(packet);
        }
        packet.clear();
    }

    /** Carries output until the process's streams are closed, or until this is detached or closed. */
    public void carryOutput(OutputStream output, OutputStream errors) throws IOException {
        ByteBuffer packet = ByteBuffer.allocateDirect(LARGEST_OUTPUT);
        byte[] bytes = new byte[LARGEST_OUTPUT];
        while (socket.read(packet) > 0) {
            packet.flip();
            byte stream = packet.get();
            int length = packet.remaining();
            packet.get(bytes, 0, length);
            packet.clear();
            if (stream == STDOUT) {
                output.write(bytes, 0, length);
                output.flush();
            } else if (stream == STDERR) {
                errors.write(bytes, 0, length);
                errors.flush();
            }
        }
    }

    /** Whether the detach keys ended it. */
    public boolean isDetached() {
        return detached;
    }

    /** Tells the process's terminal its size. */
    public void resize(int rows, int columns) throws IOException {
        resize(bundle, rows, columns);
    }

    /** Tells the terminal of the process that the conmon of a bundle holds its size; does nothing when conmon is gone. */
    public static void resize(Path bundle, int rows, int columns) throws IOException {
        String message = "1 " + rows + " " + columns + "\n";
        NamedPipe.writeIfRead(bundle.resolve("ctl"), message.getBytes(StandardCharsets.US_ASCII));
    }

    /** Ends the attachment, if it has not ended by itself; a thread that carries output returns. */
    public void end() throws IOException {
        try {
            socket.shutdown();
        } catch (ClosedChannelException ended) {
            LOG.debug("the attachment had ended before");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
