package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Containers with a terminal, at a real one: detaching, attaching again, its size, exit codes. */
final class TerminalTest {
    private static final String DETACH = "\u0010\u0011";
    private static CtrRoot root;

    @BeforeAll
    static void makeRoot() {
        assumeTrue(Commands.exists("script"), "script (bsdutils), which makes pseudo-terminals, is not installed");
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        if (root != null) {
            root.close();
        }
    }

    /** The host's own Python, with what it needs, bound read-only into the container. */
    private static List<String> python(String... flags) {
        assumeTrue(Commands.exists("python3"), "python3 is not installed");
        List<String> words = new ArrayList<>(List.of("run", "-it", "--network", "none"));
        words.addAll(List.of(flags));
        for (String directory : List.of("/usr", "/lib", "/lib64")) {
            if (new java.io.File(directory).isDirectory()) {
                words.addAll(List.of("-v", directory + ":" + directory + ":ro"));
            }
        }
        words.addAll(List.of("bb", "/usr/bin/python3", "-q"));
        return root.command(words.toArray(String[]::new));
    }

    @Test
    void aPythonPromptIsLeftAndComeBackTo() throws Exception {
        try (TerminalSession terminal = TerminalSession.start(python("--name", "python"))) {
            terminal.expect(">>> ");
            terminal.resize(33, 77);
            terminal.type("import os; x = 41\r");
            terminal.expect(">>> ");
            terminal.type("while os.get_terminal_size().lines != 33: pass\r\r");
            terminal.type("tuple(os.get_terminal_size())\r");
            terminal.expect("(77, 33)");
            terminal.expect(">>> ");
            terminal.type(DETACH);
            assertThat(terminal.exitCode()).isZero();
        }
        assertThat(root.ctr("inspect", "-f", "{{.State.Status}}", "python")).isEqualTo("running");

        try (TerminalSession terminal = TerminalSession.start(root.command("attach", "python"))) {
            terminal.type("\r");
            terminal.expect(">>> ");
            terminal.resize(40, 120);
            terminal.type("while os.get_terminal_size().lines != 40: pass\r\r");
            terminal.expect("pass");
            terminal.expect(">>> ");
            terminal.type("print(x + 1, os.system('stty size'))\r");
            terminal.expect("40 120");
            terminal.expect("42 0");
            terminal.type("raise SystemExit(7)\r");
            assertThat(terminal.exitCode()).isEqualTo(7);
        }
        assertThat(root.ctr("inspect", "-f", "{{.State.ExitCode}}", "python")).isEqualTo("7");
    }

    @Test
    void anExecSessionIsLeftByKeysOfItsOwn() throws Exception {
        root.ctr("run", "-d", "--name", "host", "--network", "none", "bb", "sleep", "1000");
        List<String> shell = root.command("exec", "-it", "--detach-keys", "ctrl-a,d", "host", "sh");
        try (TerminalSession terminal = TerminalSession.start(shell)) {
            terminal.expect("# ");
            terminal.type("\u0001echo $((40 + 2)) still here\r");
            terminal.expect("42 still here");
            terminal.resize(21, 43);
            terminal.type("until [ $(stty size | cut -c1-2) = 21 ]; do :; done; stty size\r");
            terminal.expect("21 43");
            terminal.type("\u0001d");
            assertThat(terminal.exitCode()).isZero();
        }
        assertThat(root.ctr("top", "host", "pid", "tty", "args")).contains("pts/0");
        assertThat(root.ctr("inspect", "-f", "{{.ExecIDs}}", "host")).hasSize(66);
    }

    @Test
    void startAttachesToATerminalInteractively() throws Exception {
        root.ctr("create", "-it", "--name", "again", "--network", "none", "bb", "sh");
        try (TerminalSession terminal = TerminalSession.start(root.command("start", "-a", "-i", "again"))) {
            terminal.expect("# ");
            terminal.type("exit 3\r");
            assertThat(terminal.exitCode()).isEqualTo(3);
        }
    }

    @Test
    void aTerminalWithoutOneHereIsWarnedAbout() {
        CommandResult result = root.run("run", "--rm", "-it", "--network", "none", "bb", "echo", "out");
        assertThat(result.output()).isEqualTo("out\r\n");
        assertThat(result.errors())
                .contains("The input device is not a TTY. The --tty and --interactive flags might not work properly");
    }
}
