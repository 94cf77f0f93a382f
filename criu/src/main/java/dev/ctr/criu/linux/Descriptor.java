package dev.ctr.criu.linux;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A file descriptor that this process owns: a pipe's end, a socket, a device.
 *
 * <p>One thread may read while another writes and a third closes. {@link #close} wakes a thread that waits in {@code
 * read} or {@link #awaitReadable}, which then throws {@link AsynchronousCloseException}; the number is given back to the
 * kernel only when nobody uses it any more, so that it cannot be taken for another file's. A write that blocks is not
 * woken (on a socket {@link UnixSocket#shutdown} does it). Every descriptor is close-on-exec; signals do not interrupt
 * calls.
 */
public class Descriptor implements ByteChannel {
    private static final int NEW_FILE_MODE = 0600;
    private static final int POLLFD_SIZE = 8;
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_REVENTS = 6;

    private final int number;

    @GuardedBy("this")
    private int users;

    @GuardedBy("this")
    private boolean closed;

    /** An event descriptor that becomes readable when this is closed; -1 until somebody waits. */
    @GuardedBy("this")
    private int closeEvent = -1;

    Descriptor(int number) {
        this.number = number;
    }

    static Descriptor open(Path path, int flags) throws LinuxException {
        byte[] name = PathBytes.terminated(path);
        int fd = LibC.restarting(() -> LibC.open(name, flags | LibC.O_CLOEXEC, NEW_FILE_MODE));
        if (fd == -1) {
            throw LibC.failure("open " + path);
        }
        return new Descriptor(fd);
    }

    /** The number, valid until {@link #close}. */
    public final int number() {
        return number;
    }

    @Override
    public final synchronized boolean isOpen() {
        return !closed;
    }

    /**
     * Reads what there is, waiting until there is something. From a socket that keeps packets apart this is one packet; what
     * does not fit the buffer is lost.
     *
     * @return the number of bytes read, or -1 at the end
     * @throws AsynchronousCloseException if another thread closed this meanwhile
     */
    @Override
    public final int read(ByteBuffer buffer) throws IOException {
        if (!buffer.hasRemaining()) {
            return 0;
        }
        enter();
        try (Transfer transfer = new Transfer(buffer)) {
            long count;
            do {
                poll(-1);
                count = LibC.restartingLong(() -> LibC.read(number, transfer.pointer, transfer.length));
            } while (count == -1 && LibC.errno() == Errno.EAGAIN);
            if (count == -1) {
                throw LibC.failure("read from descriptor " + number);
            }
            transfer.received((int) count);
            return count == 0 ? -1 : (int) count;
        } finally {
            leave();
        }
    }

    /** As {@link #read(ByteBuffer)}, from the array's start. */
    public final int read(byte[] buffer) throws IOException {
        return read(ByteBuffer.wrap(buffer));
    }

    /**
     * Writes some or all of what remains in the buffer, waiting until there is room. To a socket that keeps packets apart
     * this is one packet, wholly written.
     */
    @Override
    public final int write(ByteBuffer buffer) throws IOException {
        enter();
        try (Transfer transfer = new Transfer(buffer)) {
            transfer.fill();
            long count = LibC.restartingLong(() -> LibC.write(number, transfer.pointer, transfer.length));
            if (count == -1) {
                throw LibC.failure("write to descriptor " + number);
            }
            buffer.position(buffer.position() + (int) count);
            return (int) count;
        } finally {
            leave();
        }
    }

    /** Writes the whole array. */
    public final void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        do {
            write(buffer);
        } while (buffer.hasRemaining());
    }

    /**
     * Waits until a read would not wait: there is something to read, or the end was reached.
     *
     * @return false when the time is up
     * @throws AsynchronousCloseException if another thread closed this meanwhile
     */
    public final boolean awaitReadable(Duration timeout) throws IOException {
        enter();
        try {
            return poll(ProcessEnd.nanos(timeout));
        } finally {
            leave();
        }
    }

    @Override
    public final synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (users == 0) {
            release();
        } else if (closeEvent != -1) {
            wake(closeEvent);
        }
    }

    /** Keeps the number from being given back until {@link #leave}. */
    final synchronized void enter() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
        users++;
    }

    final synchronized void leave() {
        users--;
        if (closed && users == 0) {
            release();
        }
    }

    @GuardedBy("this")
    private void release() {
        // A close that fails has closed nevertheless (close(2)), and nothing written through here is cached by us.
        LibC.close(number);
        if (closeEvent != -1) {
            LibC.close(closeEvent);
        }
    }

    private synchronized int closeEvent() throws LinuxException {
        if (closeEvent == -1) {
            closeEvent = LibC.eventfd(closed ? 1 : 0, LibC.EFD_CLOEXEC);
            if (closeEvent == -1) {
                throw LibC.failure("make an event descriptor");
            }
        }
        return closeEvent;
    }

    private static void wake(int event) throws LinuxException {
        try (Memory one = new Memory(Long.BYTES)) {
            one.setLong(0, 1);
            if (LibC.write(event, one, Long.BYTES) == -1) {
                throw LibC.failure("wake the readers of a descriptor");
            }
        }
    }

    /** Waits until this is readable; a negative time waits for ever. The caller has entered. */
    private boolean poll(long nanos) throws IOException {
        long deadline = System.nanoTime() + nanos;
        try (Memory descriptors = new Memory(2 * POLLFD_SIZE)) {
            descriptors.clear();
            descriptors.setInt(0, number);
            descriptors.setShort(POLLFD_EVENTS, LibC.POLLIN);
            descriptors.setInt(POLLFD_SIZE, closeEvent());
            descriptors.setShort(POLLFD_SIZE + POLLFD_EVENTS, LibC.POLLIN);
            int ready;
            do {
                ready = LibC.poll(descriptors, 2, nanos < 0 ? -1 : millisUntil(deadline));
            } while (ready == -1 && LibC.errno() == Errno.EINTR);
            if (ready == -1) {
                throw LibC.failure("wait for descriptor " + number);
            }
            if (descriptors.getShort(POLLFD_SIZE + POLLFD_REVENTS) != 0) {
                throw new AsynchronousCloseException();
            }
            return ready > 0;
        }
    }

    static int millisUntil(long deadlineNanos) {
        long nanos = Math.max(0, deadlineNanos - System.nanoTime());
        return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
    }

    /** The native memory behind a buffer's remaining bytes: the buffer's own when it is direct, else a copy. */
    private static final class Transfer implements AutoCloseable {
        private static final int LONGEST_COPY = 1 << 20;

        private final ByteBuffer buffer;
        private final boolean direct;
        private final Pointer pointer;
        private final long length;

        Transfer(ByteBuffer buffer) {
            this.buffer = buffer;
            this.direct = buffer.isDirect();
            this.length = direct ? buffer.remaining() : Math.min(buffer.remaining(), LONGEST_COPY);
            this.pointer = direct
                    ? Native.getDirectBufferPointer(buffer).share(buffer.position())
                    : new Memory(Math.max(1, length));
        }

        void fill() {
            if (!direct) {
                byte[] bytes = new byte[(int) length];
                buffer.duplicate().get(bytes);
                pointer.write(0, bytes, 0, bytes.length);
            }
        }

        void received(int count) {
            if (direct) {
                buffer.position(buffer.position() + count);
            } else {
                buffer.put(pointer.getByteArray(0, count));
            }
        }

        @Override
        public void close() {
            if (pointer instanceof Memory copy) {
                copy.close();
            }
        }
    }
}
