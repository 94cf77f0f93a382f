package dev.ctr.test;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * A container's program with 32 MiB of memory, of which it changes exactly the pages that it is told to. Orders are files in its
 * root directory, so that they reach it in any engine, and before and after a restore.
 */
final class MemoryProgram {
    /** How many pages it has, all different. */
    static final int PAGES = 8192;

    /** What the program needs besides to go on: its stack, and the places where it works. */
    static final int WORKING_PAGES = 128;

    private static final String SCRIPT = """
            my $m = ""; $m .= pack("N", $_) x 1024 for 0 .. %d; my $n = 1;
            while (1) {
              if (open(my $f, "<", "/go$n")) {
                my ($order, $from, $count) = split " ", <$f>;
                if ($order eq "set") {
                  for my $i (0 .. $count - 1) { substr($m, ($from + $i) * 4096, 4, pack("N", 1000000 * $n + $i)); }
                } elsif ($order eq "fork") {
                  if (!fork) { substr($m, 0, 5, "child"); while (1) { select(undef, undef, undef, 0.05); } }
                } elsif ($order eq "dump") {
                  open(my $d, ">", "/dump$n"); print $d $m; close $d;
                }
                open(my $d, ">", "/done$n"); close $d; $n++;
              }
              select(undef, undef, undef, 0.01);
            }
            """.formatted(PAGES - 1);

    private final Function<String, CommandResult> shell;
    private int orders;

    /** @param shell runs a script of the shell in which {@code $R} is the container's root directory, or empty */
    private MemoryProgram(Function<String, CommandResult> shell, int orders) {
        this.shell = shell;
        this.orders = orders;
    }

    /** Makes an image of busybox and the program. */
    static Path image(Path directory) {
        try {
            Path rootfs = Busybox.layOut(directory.resolve("memory"));
            Busybox.addProgram(rootfs, "perl");
            Files.writeString(rootfs.resolve("program"), SCRIPT);
            Path tar = directory.resolve("memory.tar");
            Commands.run("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".")
                    .succeeded();
            return tar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a container with the program. */
    static MemoryProgram run(CtrRoot root, Engine engine, String image, String name) {
        Container container = engine.create(
                CreateOptions.fromImage(image).name(name).network("none").command(List.of("perl", "/program")));
        container.start();
        Path mounted =
                root.root().resolve("containers").resolve(container.id().hex()).resolve("merged");
        MemoryProgram program =
                new MemoryProgram(script -> Commands.run("sh", "-c", "R=" + mounted + "; " + script), 0);
        program.set(0, 1);
        return program;
    }

    /** The same program after its container has moved to where another shell reaches it. */
    MemoryProgram at(Function<String, CommandResult> otherShell) {
        return new MemoryProgram(otherShell, orders);
    }

    /** Changes pages, each to what it never was before. */
    void set(int from, int count) {
        order("set " + from + " " + count);
    }

    /** Starts a child that has all pages too, the first one changed. */
    void fork() {
        order("fork");
    }

    /** The SHA-256 digest of the memory. */
    String digest() {
        order("dump");
        return shell.apply("sha256sum < $R/dump" + orders).succeeded();
    }

    private void order(String order) {
        orders++;
        shell.apply("echo '%s' > $R/next; mv $R/next $R/go%d; until [ -e $R/done%d ]; do sleep 0.02; done"
                        .formatted(order, orders, orders))
                .succeeded();
    }
}
