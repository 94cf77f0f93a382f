package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class DescriptorTest {
    @Test
    void aPipeCarriesBytesAndEnds() throws IOException {
        try (Pipe pipe = Pipe.open()) {
            pipe.writer().write(new byte[] {1, 2, 3});
            pipe.writer().close();

            ByteBuffer direct = ByteBuffer.allocateDirect(10).position(2).limit(4);
            assertThat(pipe.reader().read(direct)).isEqualTo(2);
            assertThat(direct.position()).isEqualTo(4);
            assertThat(direct.get(2)).isEqualTo((byte) 1);
            byte[] rest = new byte[10];
            assertThat(pipe.reader().read(rest)).isEqualTo(1);
            assertThat(rest[0]).isEqualTo((byte) 3);
            assertThat(pipe.reader().read(rest)).isEqualTo(-1);
        }
    }

    @Test
    void writesMoreThanAPipeHolds() throws Exception {
        byte[] much = new byte[3_000_000];
        much[much.length - 1] = 7;
        try (Pipe pipe = Pipe.open()) {
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                try (Descriptor writer = pipe.writer()) {
                    writer.write(much);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            ByteBuffer received = ByteBuffer.allocate(much.length + 1);
            while (pipe.reader().read(received) != -1) {
                assertThat(received.hasRemaining()).isTrue();
            }
            writing.get(10, TimeUnit.SECONDS);

            assertThat(received.position()).isEqualTo(much.length);
            assertThat(received.get(much.length - 1)).isEqualTo((byte) 7);
        }
    }

    @Test
    void waitsUntilThereIsSomethingOrTheTimeIsUp() throws IOException {
        try (Pipe pipe = Pipe.open()) {
            assertThat(pipe.reader().awaitReadable(Duration.ofMillis(20))).isFalse();
            pipe.writer().write(new byte[1]);
            assertThat(pipe.reader().awaitReadable(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void closingWakesAReaderAndFreesTheDescriptor() throws Exception {
        try (Pipe pipe = Pipe.open()) {
            Path number = Path.of("/proc/self/fd/" + pipe.reader().number());
            String link = Files.readSymbolicLink(number).toString();
            CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(() -> {
                try {
                    return pipe.reader().read(new byte[1]);
                } catch (AsynchronousCloseException e) {
                    return -99;
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(100);
            assertThat(reading).isNotDone();

            pipe.reader().close();

            assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(-99);
            assertThat(pipe.reader().isOpen()).isFalse();
            assertThat(Files.isSymbolicLink(number)
                            && Files.readSymbolicLink(number).toString().equals(link))
                    .isFalse();
            assertThatThrownBy(() -> pipe.reader().read(new byte[1])).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void writingWithoutAReaderFails() throws IOException {
        try (Pipe pipe = Pipe.open()) {
            pipe.reader().close();
            assertThatThrownBy(() -> pipe.writer().write(new byte[1]))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE))
                    .hasMessageContaining("Broken pipe (EPIPE)");
        }
    }
}
