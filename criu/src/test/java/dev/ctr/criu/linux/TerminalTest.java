package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TerminalTest {
    private Descriptor terminal;

    @BeforeEach
    void open() throws IOException {
        // The master of a new pseudo-terminal; settings made there are the terminal's.
        terminal = Descriptor.open(Path.of("/dev/ptmx"), LibC.O_RDWR);
    }

    @AfterEach
    void close() throws IOException {
        terminal.close();
    }

    @Test
    void tellsATerminalFromAPipe() throws IOException {
        assertThat(Terminal.isTerminal(terminal.number())).isTrue();
        try (Pipe pipe = Pipe.open()) {
            assertThat(Terminal.isTerminal(pipe.reader().number())).isFalse();
            assertThatThrownBy(() -> Terminal.size(pipe.reader().number()))
                    .hasMessageContaining("Inappropriate ioctl for device (ENOTTY)");
            assertThatThrownBy(() -> Terminal.raw(pipe.reader().number())).isInstanceOf(LinuxException.class);
        }
    }

    @Test
    void hasTheSizeItWasGiven() throws IOException {
        Terminal.resize(terminal.number(), new TerminalSize(50, 132));

        assertThat(Terminal.size(terminal.number())).isEqualTo(new TerminalSize(50, 132));
    }

    @Test
    void rawModeEndsWithItsClose() throws Exception {
        String before = settings();
        RawMode raw = Terminal.raw(terminal.number());
        assertThat(settings()).contains("-icanon", "-echo ", "-isig").isNotEqualTo(before);

        raw.close();
        raw.close();

        assertThat(settings()).isEqualTo(before).contains(" icanon");
    }

    private String settings() throws IOException, InterruptedException {
        try (Pipe pipe = Pipe.open()) {
            int status = new ProcessLaunch(List.of("stty", "-a"), Map.of("PATH", "/usr/bin:/bin"))
                    .stdin(Stdio.descriptor(terminal))
                    .stdout(Stdio.descriptor(pipe.writer()))
                    .start()
                    .waitFor();
            assertThat(status).isZero();
            byte[] text = new byte[4096];
            return new String(text, 0, pipe.reader().read(text), java.nio.charset.StandardCharsets.US_ASCII);
        }
    }
}
