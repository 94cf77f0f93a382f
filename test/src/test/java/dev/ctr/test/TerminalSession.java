package dev.ctr.test;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A program at a pseudo-terminal of its own, which {@code script} of util-linux makes: what is typed goes to the
 * terminal, what the terminal shows is collected.
 */
final class TerminalSession implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process script;
    private final OutputStream keyboard;
    /** Written by the reading thread, read by the test's. */
    @SuppressWarnings("JdkObsolete")
    private final StringBuffer screen = new StringBuffer();

    private int seen;

    private TerminalSession(Process script) {
        this.script = script;
        this.keyboard = script.getOutputStream();
        Thread reader = new Thread(this::readScreen, "terminal");
        reader.setDaemon(true);
        reader.start();
    }

    static TerminalSession start(List<String> command) throws IOException {
        String line = command.stream().map(TerminalSession::quoted).collect(Collectors.joining(" "));
        return new TerminalSession(new ProcessBuilder("script", "-qec", "exec " + line, "/dev/null")
                .redirectErrorStream(true)
                .start());
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    private void readScreen() {
        byte[] buffer = new byte[4096];
        try (InputStream output = script.getInputStream()) {
            for (int read = output.read(buffer); read >= 0; read = output.read(buffer)) {
                screen.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
            }
        } catch (IOException ended) {
            screen.append("\n(terminal closed)");
        }
    }

    /** Types keys, exactly as given. */
    void type(String keys) throws IOException {
        keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    /** Waits until the terminal shows a text, after what was waited for before. */
    void expect(String text) {
        try {
            await().atMost(PATIENCE).until(() -> screen.indexOf(text, seen) >= 0);
        } catch (RuntimeException e) {
            throw new AssertionError("the terminal never showed \"" + text + "\" but: " + screen, e);
        }
        seen = screen.indexOf(text, seen) + text.length();
    }

    /** Changes the terminal's size, as a terminal program does when its window changes. */
    void resize(int rows, int columns) throws IOException {
        Path terminal =
                Files.readSymbolicLink(Path.of("/proc", Long.toString(program().pid()), "fd", "0"));
        Commands.run("stty", "-F", terminal.toString(), "rows", "" + rows, "cols", "" + columns)
                .succeeded();
    }

    private ProcessHandle program() {
        Optional<ProcessHandle> child = script.children().findFirst();
        return child.orElseThrow(() -> new AssertionError("the program has ended: " + screen));
    }

    /** Waits for the program's end. */
    int exitCode() throws InterruptedException {
        if (!script.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the program did not end: " + screen);
        }
        return script.exitValue();
    }

    @Override
    public void close() {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
    }
}
