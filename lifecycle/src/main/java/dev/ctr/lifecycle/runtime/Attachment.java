package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.linux.UnixSocket;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A connection to conmon's attach socket: packets whose first byte names the stream (2 output, 3 errors) come in, raw
 * bytes for standard input go out.
 *
 * <p>Input is carried by a daemon thread of its own, which the attachment starts; output by the caller's thread.
 */
public final class Attachment implements Closeable {
    private static final int LARGEST = 8192;
    private static final byte STDOUT = 2;
    private static final byte STDERR = 3;

    private final UnixSocket socket;
    private final Path control;

    private Attachment(UnixSocket socket, Path control) {
        this.socket = socket;
        this.control = control;
    }

    /** Connects to the attach socket in a conmon's bundle. */
    public static Attachment connect(Path bundle) throws IOException {
        return new Attachment(UnixSocket.connectSequenced(bundle.resolve("attach")), bundle.resolve("ctl"));
    }

    /** Carries standard input until it ends, which the process then sees as an end of file. */
    public void carryInput(InputStream input) {
        Thread thread = new Thread(() -> sendAll(input), "attach-input");
        thread.setDaemon(true);
        thread.start();
    }

    private void sendAll(InputStream input) {
        byte[] buffer = new byte[LARGEST];
        try {
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                socket.write(Arrays.copyOf(buffer, read));
            }
            socket.shutdownWrite();
        } catch (IOException processEnded) {
            return;
        }
    }

    /** Carries output until the process's streams are closed. */
    public void carryOutput(OutputStream output, OutputStream errors) throws IOException {
        byte[] packet = new byte[LARGEST + 1];
        for (int read = socket.read(packet); read > 0; read = socket.read(packet)) {
            if (packet[0] == STDOUT) {
                output.write(packet, 1, read - 1);
                output.flush();
            } else if (packet[0] == STDERR) {
                errors.write(packet, 1, read - 1);
                errors.flush();
            }
        }
    }

    /** Tells the process's terminal its size. */
    public void resize(int rows, int columns) throws IOException {
        Files.writeString(control, "1 " + rows + " " + columns + "\n", StandardOpenOption.WRITE);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
