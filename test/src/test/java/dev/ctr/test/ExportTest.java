package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code ctr export}. */
class ExportTest {
    private static final String CHANGES = "echo x > /etc/motd; rm /app/conf; ln /etc/motd /hard; mkfifo /fifo;"
            + " truncate -s 8M /sparse; chmod 4711 /etc/motd; echo v > /data/in-volume; ln -s /nowhere /dangling";

    /** Lists what an export has, without times. */
    private static String list(Path tar) {
        return Commands.run("sh", "-c", "tar -tvf " + tar + " | grep -v ' bin/' | awk '{ $4 = $5 = \"\"; print }'")
                .succeeded();
    }

    @Test
    void theRootFileSystemIsExportedWithoutMountsRunningOrNot() throws IOException {
        try (CtrRoot root = CtrRoot.create().withBusybox()) {
            root.ctr("run", "-d", "--name", "c", "--network", "none", "-v", "v:/data", "bb", "sh", "-c", CHANGES + "; sleep 1000");
            root.ctr("exec", "c", "sh", "-c", "until test -L /dangling; do :; done");
            Path running = root.directory().resolve("running.tar");
            root.ctr("export", "-o", running.toString(), "c");
            assertThat(list(running).lines())
                    .anyMatch(line -> line.startsWith("-rws--x--x") && line.endsWith(" etc/motd"))
                    .anyMatch(line -> line.contains("hard link to etc/motd"))
                    .anyMatch(line -> line.startsWith("prw") && line.endsWith(" fifo"))
                    .anyMatch(line -> line.endsWith(" dangling -> /nowhere"))
                    .anyMatch(line -> line.endsWith(" data/"))
                    .noneMatch(line -> line.contains("in-volume") || line.contains("app/conf") || line.contains("proc/1"));
            root.ctr("stop", "-t", "0", "c");
            Path stopped = root.directory().resolve("stopped.tar");
            String ctr = String.join(" ", root.command());
            Commands.run("sh", "-c", ctr + " export c > " + stopped).succeeded();
            assertThat(list(stopped)).isEqualTo(list(running));
            assertThat(root.ctr("mount")).isEmpty();

            root.ctr("import", stopped.toString(), "again");
            assertThat(root.ctr("run", "--rm", "--network", "none", "again", "sh", "-c", "cat /hard; stat -c '%s %b' /sparse"))
                    .isEqualTo("x\n8388608 0");
            assertThat(root.run("export").failedWith(125)).isEqualTo("Error: accepts 1 arg(s), received 0");
            assertThat(root.run("export", "-o", root.directory() + "/nosuch/x.tar", "c").failedWith(125))
                    .contains("cannot write");
        }
    }

    @Test
    void nothingIsWrittenToATerminal() {
        assumeTrue(Commands.exists("script"), "there is no script(1) to make a terminal with");
        try (CtrRoot root = CtrRoot.create()) {
            CommandResult result = Commands.run("script", "-qec", String.join(" ", root.command("export", "c")), "/dev/null");
            assertThat(result.exitCode()).isEqualTo(125);
            assertThat(result.output()).contains("refusing to export to terminal. Use -o flag or redirect");
        }
    }
}
