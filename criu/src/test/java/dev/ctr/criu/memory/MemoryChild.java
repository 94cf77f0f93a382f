package dev.ctr.criu.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Programs;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real process that does to its memory what it is told. */
final class MemoryChild implements Closeable {
    private static final String SCRIPT = """
            $| = 1; my $m = ""; my $c = 0;
            while (my $line = <STDIN>) {
              my ($order, $from, $count) = split " ", $line;
              if ($order eq "grow") { my $p = length($m) / 4096; $m .= pack("N", $_) x 1024 for $p .. $p + $from - 1; }
              if ($order eq "set") { $c++; substr($m, ($from + $_) * 4096, 5, "new $c") for 0 .. $count - 1; }
              if ($order eq "shrink") { undef $m; $m = ""; }
              if ($order eq "exec") { exec $^X, "-e", 'my $m = "other" x 1000000; $| = 1; print "done\\n"; <STDIN>; <STDIN>'; }
              print "done\\n";
            }
            """;

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;

    private MemoryChild(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.orders = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts it with some pages of its own, all different. */
    static MemoryChild start(int pages) throws IOException {
        assumeTrue(Programs.find("perl", "/usr/bin:/bin").isPresent(), "perl is not installed");
        MemoryChild child = new MemoryChild(new ProcessBuilder("perl", "-e", SCRIPT).start());
        child.order("grow " + pages);
        return child;
    }

    /** Has an order carried out: grow PAGES, set FROM COUNT, shrink, exec. When this returns, the process waits for the next. */
    void order(String order) throws IOException {
        orders.write(order + "\n");
        orders.flush();
        if (answers.readLine() == null) {
            throw new IOException("the child has ended before it has carried out " + order);
        }
        while (!sleeps()) {
            Thread.onSpinWait();
        }
    }

    private boolean sleeps() throws IOException {
        String line = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        return line.startsWith("S", line.lastIndexOf(')') + 2);
    }

    LevelTask task() {
        return new LevelTask(ProcessIdentity.of(process.pid()).orElseThrow(), process.pid());
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
